"""What the runner makes of answers and times."""

import pytest

from bench.answers import RESULTS, TRIPLES, read
from bench.goals import goals
from bench.load import Measured, timed
from bench.measure import Row
from bench.questions import load_questions
from bench.table import alone_table, load_table

ROW = '{"head":{},"results":{"bindings":[%s]}}'
ONE, OTHER = '{"a":{"type":"literal","value":"1"}}', '{"a":{"type":"uri","value":"http://a/"}}'


def _row(name: str, ours: float, oxigraph: float) -> Row:
    row = Row(next(question for question in load_questions() if question.name == name))
    row.fresh = {
        "Hearsay": Measured(ours, ours, 1000 / ours, 9),
        "oxigraph serve": Measured(oxigraph, oxigraph, 1000 / oxigraph, 9),
    }
    row.repeated = {"Hearsay": Measured(0.1, 0.1, 10_000, 9)}
    row.load = {(peer, 8, fresh): measured for peer, measured in row.fresh.items() for fresh in (True, False)}
    return row


def test_rows_in_another_order_are_the_same_answer() -> None:
    answer = read((ROW % f"{ONE},{OTHER}").encode(), RESULTS)
    assert answer == read((ROW % f"{OTHER},{ONE}").encode(), RESULTS)


def test_a_row_more_is_another_answer() -> None:
    assert read((ROW % ONE).encode(), RESULTS) != read((ROW % f"{ONE},{ONE}").encode(), RESULTS)


def test_a_triple_that_comes_twice_is_the_same_graph() -> None:
    line = b"<http://a/> <http://b/> <http://c/> .\n"
    assert read(line, TRIPLES) == read(line + line, TRIPLES)


def test_the_factor_is_how_many_times_our_median_a_peer_takes() -> None:
    assert "| claim (look-up) | 2.0 / 2.0 | 0.10 / 0.10 | 6.0 / 6.0 ×3.0 |" in alone_table(
        [_row("claim", 2, 6)], ["oxigraph serve"]
    )


def test_the_factor_under_load_is_of_rates() -> None:
    assert "| claim | 8 | 500 (2.0) ×3.0 | 167 (6.0) |" in load_table(
        [_row("claim", 2, 6)], ["oxigraph serve"]
    )


@pytest.mark.parametrize(("ours", "met"), [(1.4, True), (1.6, False)])
def test_a_look_up_may_take_one_and_a_half_times_as_long(ours: float, met: bool) -> None:
    found = list(goals([_row("claim", ours, 1)], static=Measured(0.1, 0.1, 1, 1), delay=0))
    assert found[0].met is met


def test_a_goal_of_which_nothing_was_measured_is_not_met() -> None:
    found = goals([], static=Measured(1, 1, 1, 1), delay=200)
    assert not any(goal.met for goal in found)


def test_what_is_timed_runs_at_least_so_often() -> None:
    asked = list[str]()
    assert timed(asked.append, "ab", seconds=0, least=3).requests == 3
    assert asked == ["a", "b", "a"]
