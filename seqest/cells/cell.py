"""What a recurrent cell is: pointwise row kernels, and the products it asks for.

At each step the net inputs of a layer are products of weights with signals, in blocks
of one number for each unit. A cell turns them into the layer's new states, and
backwards turns cotangents of the states into those of the net inputs. It knows no
weights and no shapes: flat rows of `m` numbers, one for each unit and sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Backward", "Cell", "Forward", "OwnProduct"]


class Forward(Protocol):
    """The row kernel of a stage, for step t; all places are unsigned."""

    def __call__(
        self,
        A: Any,  # net input block k is at A[a + k m : a + (k + 1) m]; what is left
        a: Any,  # there is kept for the way back
        V: Any,  # state block k of step t - 1 is at V[before + k m : ...], and that of
        before: Any,  # step t goes to V[now + k m : ...]
        now: Any,
        m: Any,
        constants: Any,
    ) -> None: ...


class Backward(Protocol):
    """The row kernel of a stage on the way back."""

    def __call__(
        self,
        A: Any,  # as `Forward` left it; receives cotangents of the net inputs
        a: Any,
        V: Any,
        before: Any,
        now: Any,
        D: Any,  # cotangents of the states of step t are at D[d_now + k m : ...],
        d_before: Any,  # those of step t - 1 are added to D[d_before + k m : ...]
        d_now: Any,
        m: Any,
        constants: Any,
    ) -> None: ...


@dataclass(frozen=True)
class OwnProduct:
    """A product of weights with a state of the layer itself."""

    state: int  # the block of states
    blocks: tuple[int, int]  # first and last (exclusive) block of net inputs it goes to
    before: bool = True  # whether of the step before; else the stage before made it
    stage: int = 0  # before which stage it is formed


@dataclass(frozen=True)
class Cell:
    """A cell: its blocks, its products and its row kernels.

    Most cells have one stage. A cell of two has a product between them, of a state that
    the first has made.
    """

    name: str  # stands in the names of compiled kernels
    n_states: int  # blocks of state; the first is what others see
    n_blocks: int  # blocks of net input, each with a bias
    drive: tuple[int, int]  # first and last (exclusive) block that inputs go to
    products: tuple[OwnProduct, ...]  # what is fed back; none: a layer without memory
    forward: tuple[Forward, ...]  # one for each stage
    backward: tuple[Backward, ...]
    bias: tuple[float, ...] = ()  # where each block's starts; zeros by default
    constants: tuple[float, ...] = ()  # numbers the kernels take
