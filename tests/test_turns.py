from __future__ import annotations

import threading

from serving import LONG_S

from rag.turns import Turns


def test_the_first_ticket_has_the_turn_and_the_others_know_how_many_come_before() -> None:
    turns = Turns()
    first, second, third = (turns.take() for _ in range(3))
    assert [first.ahead, second.ahead, third.ahead] == [0, 1, 2]
    assert first.wait(0)
    assert not second.wait(0)
    assert len(turns) == 3
    first.leave()
    assert [second.ahead, third.ahead] == [0, 1]
    assert second.wait(0)
    assert not third.wait(0)
    assert len(turns) == 2


def test_who_leaves_the_line_lets_those_behind_move_up() -> None:
    turns = Turns()
    first, second, third = (turns.take() for _ in range(3))
    second.leave()
    assert third.ahead == 1
    assert first.wait(0)
    assert not third.wait(0)


def test_leaving_twice_takes_nobody_elses_place() -> None:
    turns = Turns()
    first, second, third = (turns.take() for _ in range(3))
    first.leave()
    first.leave()
    assert second.wait(0)
    assert not third.wait(0)
    assert len(turns) == 2


def test_a_ticket_that_was_given_back_never_gets_its_turn() -> None:
    turns = Turns()
    ticket = turns.take()
    ticket.leave()
    assert not ticket.wait(0)
    assert turns.take().wait(0)


def test_the_turn_wakes_who_waits_for_it() -> None:
    turns = Turns()
    first, second = turns.take(), turns.take()
    came: list[bool] = []
    thread = threading.Thread(target=lambda: came.append(second.wait(LONG_S)))
    thread.start()
    first.leave()
    thread.join(LONG_S)
    assert came == [True]


def test_many_threads_get_their_turn_one_at_a_time_in_the_order_of_their_tickets() -> None:
    turns = Turns()
    tickets = [turns.take() for _ in range(20)]
    served: list[int] = []
    inside = threading.Semaphore(1)

    def be_served(number: int) -> None:
        try:
            assert tickets[number].wait(LONG_S)
            assert inside.acquire(blocking=False), "two had the turn"
            served.append(number)
            inside.release()
        finally:
            tickets[number].leave()

    threads = [threading.Thread(target=be_served, args=(number,)) for number in reversed(range(20))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_S)
    assert served == list(range(20))
    assert len(turns) == 0
