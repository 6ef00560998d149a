"""Machines of a cluster find each other, or say who is missing."""

from __future__ import annotations

import socket
import threading

import pytest

from workbench.core.errors import TrainError
from workbench.link.meeting import meet


def free_addresses(count: int) -> list[str]:
    doors = [socket.socket() for _ in range(count)]
    for door in doors:
        door.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
    for door in doors:
        door.close()
    return addresses


def all_meet(lists: list[list[str]], seconds: float = 60.0) -> list[str]:
    """What each machine was refused with; "" where it met the others."""
    ends = [""] * len(lists)

    def machine(worker: int) -> None:
        try:
            meet(lists[worker], worker, seconds)
        except TrainError as error:
            ends[worker] = error.what

    threads = [threading.Thread(target=machine, args=(worker,)) for worker in range(len(lists))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_three_machines_meet_and_their_addresses_are_free_again():
    addresses = free_addresses(3)
    assert all_meet([addresses] * 3) == ["", "", ""]
    assert all_meet([addresses] * 3) == ["", "", ""]


def test_who_does_not_come_is_named():
    addresses = free_addresses(2)
    told: list[str] = []
    with pytest.raises(TrainError, match=f"No answer from {addresses[1]} within 1 seconds"):
        meet(addresses, 0, 1.0, told.append)
    assert told == [f"Waiting for {addresses[1]}."]


def test_another_list_of_machines_is_said_on_both_sides():
    one, two, three = free_addresses(3)
    ends = all_meet([[one, two], [one, two, three]], 10.0)
    assert "another list of machines" in ends[0]
    assert "another list of machines" in ends[1]


def test_a_port_that_is_taken_is_said():
    addresses = free_addresses(2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(addresses[0].rpartition(":")[2])))
        other.listen()
        with pytest.raises(TrainError, match="cannot be used"):
            meet(addresses, 0, 1.0)


def test_another_program_at_that_port_is_no_machine():
    addresses = free_addresses(2)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(addresses[1].rpartition(":")[2])))
        other.listen()

        def answer() -> None:
            line, _ = other.accept()
            with line:
                line.sendall(b"HTTP/1.1 400 Bad Request".ljust(64))

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(TrainError, match="No answer"):
            meet(addresses, 0, 1.0)
        thread.join()
