"""Fixtures of the container tests: the image, built once, and the compose file, started.

ROOST_CONTAINER=package makes the image of build/roost, for a quick look; else the Dockerfile is
built as it is."""
from typing import Callable, Iterator

import pytest

import engine as containers
from engine import Engine
from stack import Stack


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """With the image built."""
    why = containers.missing()
    if why:
        pytest.skip(why)
    made = Engine()
    try:
        if containers.PACKAGED:
            made.package("tests")
        else:
            made.make_base()
            made.build("tests")
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def make_stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory
               ) -> Iterator[Callable[[bool], Stack]]:
    """make_stack(unattended): the compose file of the tree, not started yet."""
    made: list[Stack] = []

    def make(unattended: bool) -> Stack:
        made.append(Stack(engine, tmp_path_factory.mktemp("compose"), unattended))
        return made[-1]

    yield make
    for stack in made:
        print(stack.log())  # seen when a test fails
        stack.remove()
