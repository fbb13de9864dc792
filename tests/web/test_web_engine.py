import contextlib
import fcntl
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode
from smallstore import BASE, CAPTAIN, CREWS_PAID, DENIALS, DENIALS_CSV, write_small

import kg.store
from kg.query import QueryError
from kg.settings import Settings
from kg.worker.memory import free_memory
from web.cache import CachingEngine
from web.engine import BusyError, Dataset, TooLargeError, TooLateError, UnavailableError, bind
from web.engines import make_engine
from web.formats import CSV, N_TRIPLES, Format
from web.guard import inspect
from web.hangup import Hangup, listening
from web.remote import RemoteEngine
from web.workers import PoolEngine

# Hours of counting, in which nothing is written; and hours of writing.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module", params=["always", "never"])
def engine(request: pytest.FixtureRequest, store: Path) -> Iterator[PoolEngine]:
    with contextlib.closing(PoolEngine(store, workers=2, in_memory=request.param)) as engine:
        yield engine


def start(engine: PoolEngine, text: str, seconds: float = 20.0, format_: Format = CSV) -> Iterator[bytes]:
    query = inspect(text, max_bytes=65_536)
    return engine.run(query, format_, Dataset(), deadline=time.monotonic() + seconds)


def run(engine: PoolEngine, text: str, seconds: float = 20.0) -> str:
    return b"".join(start(engine, text, seconds)).decode()


def close(chunks: Iterator[bytes]) -> None:
    chunks.close()  # type: ignore[attr-defined]


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_short_answer_is_one_chunk(engine: PoolEngine) -> None:
    assert list(start(engine, DENIALS)) == [DENIALS_CSV.encode()]
    graph = "CONSTRUCT WHERE { ?s hs:denies ?claim . ?s hs:madeBy ?who }"
    lines = b"".join(start(engine, graph, format_=N_TRIPLES)).decode().splitlines()
    assert len(lines) == 2
    assert f" <{BASE}ontology#denies> <{CREWS_PAID}> ." in "\n".join(lines)


def test_a_long_answer_comes_in_chunks_and_whole(engine: PoolEngine) -> None:
    query = 'SELECT (CONCAT(STR(?b), "' + "é" * 500 + '") AS ?x) { ?a ?b ?c . ?d ?e ?f } LIMIT 2000'
    chunks = list(start(engine, query))
    lines = b"".join(chunks).decode().splitlines()
    assert len(chunks) > 10
    assert lines[0] == "x"
    assert len(lines) == 2001
    assert all(line.endswith("é" * 500) for line in lines[1:])


def test_a_query_that_is_wrong_says_why(engine: PoolEngine) -> None:
    with pytest.raises(QueryError, match="line 1, column 13: unknown prefix ex"):
        run(engine, "ASK { ?s ?p ex:o }")
    with pytest.raises(QueryError, match="cannot hold"):
        start(engine, DENIALS, format_=N_TRIPLES)


def test_the_dataset_may_be_chosen(engine: PoolEngine) -> None:
    query = inspect("SELECT ?s { ?s ?p ?o }", max_bytes=1000)
    nothing = Dataset(default=("http://x/nowhere",))
    assert b"".join(engine.run(query, CSV, nothing, deadline=time.monotonic() + 9)) == b"s\r\n"


def test_a_deadline_is_kept_and_the_worker_replaced(engine: PoolEngine) -> None:
    before = engine.stats()
    started = time.monotonic()
    with pytest.raises(TooLateError):
        run(engine, ENDLESS, 0.2)
    assert time.monotonic() - started < 5
    assert run(engine, DENIALS) == DENIALS_CSV
    eventually(lambda: engine.stats().levels["workers"] == 3)
    after = engine.stats()
    assert after.counts["timeouts"] == before.counts["timeouts"] + 1
    assert after.counts["kills"] == before.counts["kills"] + 1
    assert sum(after.latencies) == sum(before.latencies) + 2


def test_an_answer_that_is_cut_by_its_deadline_is_not_taken_for_whole(engine: PoolEngine) -> None:
    chunks = start(engine, FLOOD, 0.5)

    def read() -> None:
        for _ in chunks:
            time.sleep(0.05)

    with pytest.raises(TooLateError):
        read()


def test_who_does_not_read_holds_no_worker_beyond_the_deadline(engine: PoolEngine) -> None:
    unread = [start(engine, FLOOD, 1.0) for _ in range(2)]
    eventually(lambda: engine.stats().levels["busy"] == 0)
    assert run(engine, DENIALS) == DENIALS_CSV
    with pytest.raises(TooLateError):
        b"".join(unread[0])


def test_who_hangs_up_frees_the_worker_at_once(engine: PoolEngine) -> None:
    hangups = engine.stats().counts["hangups"]
    for _ in range(4):
        chunks = start(engine, FLOOD, 60)
        next(chunks)
        close(chunks)
        assert list(chunks) == []
    abandoned = start(engine, FLOOD, 60)
    del abandoned
    eventually(lambda: engine.stats().levels["busy"] == 0)
    assert engine.stats().counts["hangups"] == hangups + 4
    assert run(engine, DENIALS) == DENIALS_CSV


def test_who_hangs_up_before_the_first_byte_frees_the_worker_too(engine: PoolEngine) -> None:
    hangups = engine.stats().counts["hangups"]
    timer = threading.Timer(0.2, (hangup := Hangup()).happen)
    timer.start()
    with listening(hangup), pytest.raises(UnavailableError):
        start(engine, ENDLESS, 60)
    assert engine.stats().counts["hangups"] == hangups + 1
    assert run(engine, DENIALS) == DENIALS_CSV


def test_pages_are_answered_whatever_strangers_ask(engine: PoolEngine) -> None:
    endless = [start(engine, FLOOD, 60) for _ in range(2)]
    assert engine.rows("SELECT ?who { ?s hs:denies ?c ; hs:madeBy ?who }") == [{"who": NamedNode(CAPTAIN)}]
    with pytest.raises(TooLateError):
        run(engine, DENIALS, 0.05)
    for chunks in endless:
        close(chunks)


def test_own_queries_take_terms(engine: PoolEngine) -> None:
    rows = engine.rows(
        "SELECT ?label ?no { VALUES ?who {} ?who skos:prefLabel ?label } ORDER BY ?label",
        {"who": [NamedNode(f"{BASE}id/actor/mayor"), NamedNode(CAPTAIN)]},
    )
    assert rows == [
        {"label": Literal("a captain", language="en")},
        {"label": Literal("the mayor", language="en")},
    ]


def test_a_term_without_its_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"the query has no 'VALUES \?x \{\}'"):
        bind("SELECT * { ?x ?p ?o }", {"x": [NamedNode("http://a/")]})


def test_terms_of_rows_come_back_as_they_are(engine: PoolEngine) -> None:
    terms = [
        Literal("a\tb\nc\rd\"e\\f'é\U0001f600\x01"),
        Literal("", language="en-gb"),
        Literal(" 1"),
        Literal(True),
    ]
    values = " ".join(str(term) for term in terms)
    query = f"SELECT ?x ?b {{ VALUES ?x {{ {values} }} BIND (BNODE() AS ?b) }}"
    rows = engine.rows(query)
    assert [row["x"] for row in rows] == terms
    assert len({row["b"] for row in rows}) == len(terms)


def test_a_worker_that_dies_idle_is_replaced_unseen(engine: PoolEngine) -> None:
    engine.release()
    eventually(lambda: len(engine._pool.places.idle) == 3)
    for worker in list(engine._pool.places.idle):
        os.kill(worker.number, signal.SIGKILL)
        # The connection is closed when the last thread of the process has ended.
        assert select.select([worker._connection], [], [], 10)[0]
    assert run(engine, DENIALS) == DENIALS_CSV


def test_a_keeper_that_dies_is_replaced(store: Path) -> None:
    with contextlib.closing(PoolEngine(store, workers=1, look_seconds=0.05)) as engine:
        engine.release()
        keeper = engine._pool.keeper
        assert keeper is not None
        keeper._process.kill()

        def answers() -> bool:
            with contextlib.suppress(BusyError, QueryError):
                return run(engine, DENIALS, 1.0) == DENIALS_CSV
            return False

        eventually(lambda: engine._pool.keeper is not keeper and answers())


def test_too_many_queries_at_once_are_refused_and_others_are_served_in_turn(store: Path) -> None:
    with contextlib.closing(PoolEngine(store, workers=1, max_queue=2, queue_seconds=5.0)) as engine:
        chunks = start(engine, FLOOD, 60)
        done: list[int] = []

        def ask(number: int) -> None:
            run(engine, DENIALS)
            done.append(number)

        threads = []
        for number in range(2):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            eventually(lambda: engine.stats().levels["queue"] == len(threads))
        with pytest.raises(BusyError):
            run(engine, DENIALS)
        close(chunks)
        for thread in threads:
            thread.join()
        assert done == [0, 1]
        assert engine.stats().counts["busy"] == 1


def test_who_waits_too_long_for_a_worker_is_told_to_come_back(store: Path) -> None:
    with contextlib.closing(PoolEngine(store, workers=1, queue_seconds=0.02)) as engine:
        chunks = start(engine, FLOOD, 60)
        with pytest.raises(BusyError):
            run(engine, DENIALS)
        close(chunks)
        eventually(lambda: engine.stats().levels["queue"] == 0)


def test_a_result_that_is_too_large_is_not_sent_whole(store: Path) -> None:
    with contextlib.closing(PoolEngine(store, workers=1, max_results=10_000)) as engine:
        with pytest.raises(TooLargeError):
            start(engine, FLOOD)
        assert run(engine, DENIALS) == DENIALS_CSV
    with contextlib.closing(PoolEngine(store, workers=1, max_results=1_000_000)) as engine:
        chunks = start(engine, FLOOD)
        with pytest.raises(TooLargeError):
            list(chunks)


@pytest.mark.parametrize("in_memory", ["always", "never"])
def test_a_new_release_is_picked_up_and_the_old_one_finished(tmp_path: Path, in_memory: str) -> None:
    engine = PoolEngine(write_small(tmp_path), workers=2, look_seconds=0.02, in_memory=in_memory)
    new = "SELECT ?o { <http://x/s> ?p ?o }"
    with contextlib.closing(engine):
        first = engine.release()
        old = start(engine, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000", 60)
        errors: list[Exception] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.wait(0.005):
                try:
                    assert run(engine, DENIALS) == DENIALS_CSV
                except Exception as error:
                    errors.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        for number in range(2):
            write_small(tmp_path, extra=f"<http://x/s> <http://x/p> <http://x/new{number}> .")
            eventually(
                lambda number=number: (
                    run(  # type: ignore[misc]
                        engine, new
                    )
                    == f"o\r\nhttp://x/new{number}\r\n"
                )
            )
        stop.set()
        asking.join()
        assert errors == []
        assert engine.release().id != first.id
        # Two releases later its files are still there, since an answer is being made of them.
        assert first.folder.exists()
        assert len(b"".join(old).splitlines()) > 1000
        eventually(lambda: len(engine._pool.alive) == 1)
        write_small(tmp_path, extra="<http://x/s> <http://x/p> <http://x/last> .")
        assert not first.folder.exists()


def test_a_release_that_cannot_be_opened_leaves_the_old_one_served(tmp_path: Path) -> None:
    with contextlib.closing(PoolEngine(write_small(tmp_path), look_seconds=0.02)) as engine:
        release = engine.release()
        broken = tmp_path / "releases/broken"
        broken.mkdir()
        (broken / "release.json").write_text(
            '{"id": "broken", "base": "https://x/", "quads": 1, "built": "2026-01-01"}'
        )
        (broken / "dump.nq").write_text("no quads")
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to(broken)
        eventually(lambda: bool(engine._pool.failed))
        assert engine.release() is release
        assert run(engine, DENIALS) == DENIALS_CSV


def test_a_release_is_served_on_when_its_folder_is_gone(tmp_path: Path) -> None:
    with contextlib.closing(PoolEngine(write_small(tmp_path), look_seconds=0.02)) as engine:
        release = engine.release()
        (tmp_path / "current").unlink()
        time.sleep(0.1)
        assert engine.release() is release
        assert run(engine, DENIALS) == DENIALS_CSV


def test_a_folder_without_a_store_is_unavailable_until_it_has_one(tmp_path: Path) -> None:
    with contextlib.closing(PoolEngine(tmp_path)) as engine:
        with pytest.raises(UnavailableError, match="there is no store"):
            engine.release()
        write_small(tmp_path)
        assert run(engine, DENIALS) == DENIALS_CSV


def test_a_closed_engine_has_no_processes_and_answers_nothing(store: Path) -> None:
    engine = PoolEngine(store, workers=1)
    chunks = start(engine, FLOOD, 60)
    keeper = engine._pool.keeper
    assert keeper is not None
    engine.close()
    assert keeper._process.poll() is not None
    with pytest.raises(UnavailableError):
        list(chunks)
    with pytest.raises(UnavailableError):
        run(engine, DENIALS)


def test_an_engine_that_is_forgotten_ends_its_processes(store: Path) -> None:
    engine = PoolEngine(store, workers=1)
    engine.release()
    keeper = engine._pool.keeper
    assert keeper is not None
    del engine
    eventually(lambda: keeper._process.returncode is not None)


def test_workers_end_with_the_server(store: Path) -> None:
    import subprocess
    import sys

    program = (
        "import os, sys, time; from web.workers import PoolEngine\n"
        f"engine = PoolEngine({str(store)!r}, workers=1); engine.release()\n"
        "print(engine._pool.keeper._process.pid, engine._pool.places.idle[0].number, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(kg.store.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=30,
    )
    numbers = [int(word) for word in done.stdout.split()]
    assert len(numbers) == 2
    eventually(lambda: not any(Path(f"/proc/{number}/exe").exists() for number in numbers))


# In memory or on disk


def test_a_store_is_served_from_memory_if_it_fits(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import web.pool

    for free, in_memory in ((1 << 40, True), (0, False)):
        monkeypatch.setattr(web.pool, "free_memory", lambda free=free: free)
        with contextlib.closing(PoolEngine(store, workers=1)) as engine:
            engine.release()
            assert engine.stats().levels["in_memory"] == in_memory


def test_a_big_store_is_served_from_disk_until_it_is_loaded(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import web.pool

    monkeypatch.setattr(web.pool, "_LOADED_AT_ONCE", 0)
    with contextlib.closing(PoolEngine(store, workers=1, look_seconds=0.05)) as engine:
        engine.release()
        assert not engine._pool.keeper.in_memory  # type: ignore[union-attr]
        eventually(lambda: bool(engine.stats().levels["in_memory"]))
        assert run(engine, DENIALS) == DENIALS_CSV


def test_a_containers_limit_counts(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    4000 kB\n")
    assert free_memory(tmp_path) == 4_096_000
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("1000000\n")
    assert free_memory(tmp_path) == 4_096_000
    (group / "memory.max").write_text("3000000\n")
    assert free_memory(tmp_path) == 2_000_000


def test_a_release_that_is_held_is_not_cleared_away(tmp_path: Path) -> None:
    release = kg.store.open_release(write_small(tmp_path))
    with release.held():
        for number in range(2):
            write_small(tmp_path, extra=f"<http://x/s> <http://x/p> {number} .")
        assert release.dump.exists()
        assert len(list((tmp_path / "releases").iterdir())) == 3
    with (release.folder / "release.json").open() as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        with pytest.raises(kg.store.StoreError, match="being cleared away"), release.held():
            pass


def test_the_settings_choose_the_engine(store: Path) -> None:
    settings = Settings(store=str(store), workers=1, max_cache=0)
    with contextlib.closing(make_engine(settings)) as engine:
        assert isinstance(engine, PoolEngine)
        assert run(engine, DENIALS) == DENIALS_CSV
    with contextlib.closing(make_engine(Settings(store=str(store)))) as caching:
        assert isinstance(caching, CachingEngine)
    with contextlib.closing(make_engine(Settings(store="http://127.0.0.1:9/query"))) as remote:
        assert isinstance(remote, RemoteEngine)
