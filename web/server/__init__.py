"""The production server: uvicorn's connections, and the WSGI application in threads behind them."""
