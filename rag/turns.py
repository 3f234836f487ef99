"""First come, first served: many ask, one generator answers."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """A queue whose first ticket has the turn."""

    def __init__(self) -> None:
        self._tickets: deque[Ticket] = deque()
        self._moved = threading.Condition()

    def __len__(self) -> int:
        """Return how many hold a ticket, the one whose turn it is included."""
        return len(self._tickets)

    def take(self) -> Ticket:
        """Stand in line; the ticket must be given back with :meth:`Ticket.leave`, whether its turn came or not."""
        ticket = Ticket(self)
        with self._moved:
            self._tickets.append(ticket)
        return ticket

    def _ahead(self, ticket: Ticket) -> int:
        with self._moved:
            return self._tickets.index(ticket)

    def _wait(self, ticket: Ticket, timeout: float) -> bool:
        with self._moved:
            return self._moved.wait_for(lambda: self._has_turn(ticket), timeout)

    def _has_turn(self, ticket: Ticket) -> bool:
        return bool(self._tickets) and self._tickets[0] is ticket

    def _leave(self, ticket: Ticket) -> None:
        with self._moved:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
                self._moved.notify_all()


class Ticket:
    """A place in the line."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @property
    def ahead(self) -> int:
        """How many come first; 0 when it is this ticket's turn."""
        return self._turns._ahead(self)

    def wait(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds for the turn, and say whether it has come."""
        return self._turns._wait(self, timeout)

    def leave(self) -> None:
        """Give the turn, or the place in the line, to the next; a second call does nothing."""
        self._turns._leave(self)
