"""A short slice of `make fuzz`, the same each time; and proof that it would find what it looks for."""

import random

import pytest
from fuzz import box, guided, mutate, program, scenes

from iax import notes, window
from iax.dialog import Dialog
from iax.endpoint import Endpoint

SEEDS = list(mutate.seeds())
N_MUTATED = 4000


def test_every_scene_leads_somewhere_of_its_own():
    seen = set()
    for scene in scenes.SCENES:
        for variant in (0, 8, 10, 64, 18):
            made = box.Box(variant)
            scene(made)
            legs = [(leg.state, leg.peer, leg.cipher is not None) for leg in made.ep.legs]
            timed = [each.next_due(made.now) for each in (made.signer, made.transfer, made.plan, made.refer)]
            seen.add(str((legs, timed, [each.state for each in made.registrars], made.plan.part())))
    assert len(seen) >= len(scenes.SCENES)


@pytest.mark.parametrize("part", range(4))
def test_each_frame_in_each_scene_breaks_no_law(part):
    for octets in SEEDS[part::8]:
        program.run(octets)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_break_no_law(seed):
    rng = random.Random(seed)
    for _ in range(N_MUTATED // 4):
        octets = rng.choice(SEEDS)
        for _ in range(rng.choice((1, 2, 4))):
            octets = mutate.mutate(octets, rng)
        program.run(octets)


def test_any_octets_are_a_program_and_packing_keeps_it():
    rng = random.Random(5)
    for _ in range(300):
        octets = rng.randbytes(rng.randrange(400))
        plan = program.parse(octets)
        assert program.parse(plan.pack()) == plan
    program.run(b"")


def hunt(seconds: float = 20) -> str:
    """Return the law that our own loop finds broken."""
    seeds = list(SEEDS)
    random.Random(1).shuffle(seeds)
    with pytest.raises(guided.Crash) as found:
        guided.fuzz(program.run, seeds, mutate.mutate, seconds, 1)
    return str(found.value.__cause__)


def test_a_ring_that_loses_count_would_be_found(monkeypatch):
    """The tests of the tests: bugs planted one by one."""
    commit = window.Window.commit

    def twice(self, at, n, now):
        commit(self, at, n, now)
        self.oseq = self.oseq + (self.count == 3) & 0xFF

    monkeypatch.setattr(window.Window, "commit", twice)
    assert "has number" in hunt()


def test_an_answer_longer_than_its_question_would_be_found(monkeypatch):
    answer = Endpoint.answer

    def chatty(self, *frame):
        answer(self, *frame)
        self.small_n += 20

    monkeypatch.setattr(Endpoint, "answer", chatty)
    assert "octets in answer to" in hunt() or "broken frame" in hunt()


def test_a_call_without_a_deadline_would_be_found(monkeypatch):
    monkeypatch.setattr(Dialog, "set_deadline", lambda self, now, in_ms: None)
    assert "after minutes of silence" in hunt()


def test_a_text_that_is_not_bounded_would_be_found(monkeypatch):
    made = notes.Notes(None)
    monkeypatch.setattr(notes, "_MOST", 400)
    monkeypatch.setattr(
        notes.Notes, "__init__", lambda self, ep: self.__dict__.update({**vars(made), "_ep": ep})
    )
    assert "out of range" in hunt()
