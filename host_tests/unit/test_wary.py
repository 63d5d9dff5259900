"""A server that has offered MD5 never gets the secret in clear again, whatever happens to the power."""

from bench import box_account
from wary import Wary

import codes
import stub_hal

PLAIN_AND_MD5 = 3
MD5 = 2


class Endpoint:
    """Accounts and one call leg, as the service sees them."""

    def __init__(self, *methods: int) -> None:
        self.accounts = [box_account(index=index) for index in range(len(methods))]
        for account, allowed in zip(self.accounts, methods, strict=True):
            account.methods = allowed
        self.state = codes.CALL_FREE
        self.legs = [self]


def happen(wary: Wary) -> None:
    wary.on_event(codes.EV_REGISTERED, 0, 60, 5)


def test_what_was_learnt_outlives_the_power():
    hal = stub_hal.make(1)
    endpoint = Endpoint(PLAIN_AND_MD5, PLAIN_AND_MD5)
    wary = Wary(endpoint, hal.store, hal.serial)
    endpoint.accounts[1].methods = MD5  # as iax/opener.py does when MD5 is offered
    happen(wary)
    assert b"account.2" in bytes(hal.serial.said)
    after = Endpoint(PLAIN_AND_MD5, PLAIN_AND_MD5)
    Wary(after, hal.store, hal.serial)
    assert [account.methods for account in after.accounts] == [PLAIN_AND_MD5, MD5]


def test_flash_is_not_written_in_a_call_nor_twice():
    hal = stub_hal.make(1)
    endpoint = Endpoint(PLAIN_AND_MD5)
    wary = Wary(endpoint, hal.store, hal.serial)
    endpoint.accounts[0].methods = MD5
    endpoint.state = codes.CALL_UP
    happen(wary)
    assert hal.store.n_writes == 0
    endpoint.state = codes.CALL_FREE
    happen(wary)
    once = hal.store.n_writes
    happen(wary)
    assert once and hal.store.n_writes == once


def test_a_flash_that_is_full_is_tried_again():
    hal = stub_hal.make(1)
    endpoint = Endpoint(PLAIN_AND_MD5)
    wary = Wary(endpoint, hal.store, hal.serial)
    endpoint.accounts[0].methods = MD5
    hal.store.full = True
    happen(wary)
    assert hal.store.load("wary") is None and not hal.serial.said
    hal.store.full = False
    happen(wary)
    assert hal.store.load("wary") == b"\x01"


def test_accounts_without_plain_text_cost_no_flash():
    hal = stub_hal.make(1)
    wary = Wary(Endpoint(MD5), hal.store, hal.serial)
    happen(wary)
    assert hal.store.n_writes == 0
