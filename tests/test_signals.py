"""Signals: the first one ends the run in order, the next ones cannot disturb that."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from faceprep.errors import Interrupted
from faceprep.signals import STOP_SIGNALS, noted_signals, stop_on_signals


@pytest.mark.parametrize("signum", STOP_SIGNALS)
def test_a_signal_becomes_an_interruption(signum: int) -> None:
    with pytest.raises(Interrupted) as caught, stop_on_signals():
        os.kill(os.getpid(), signum)
    assert caught.value.exit_code == 128 + signum


def test_further_signals_do_not_disturb_the_clean_up() -> None:
    steps = []

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            for signum in STOP_SIGNALS:
                os.kill(os.getpid(), signum)
                steps.append(signum)

    with pytest.raises(Interrupted), stop_on_signals():
        work()
    assert steps == list(STOP_SIGNALS)


def test_signal_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    with stop_on_signals():
        assert [signal.getsignal(number) for number in STOP_SIGNALS] != before
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before


def test_signals_are_noted_and_the_block_goes_on() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    with noted_signals() as asked:
        assert asked.signum is None
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.signum == signal.SIGTERM
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before


def test_off_the_main_thread_signals_stay_whose_they_are() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]

    def work() -> int | None:
        with noted_signals() as asked:
            assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
            return asked.signum

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(work).result() is None
