"""The checks of one operator or module: forward, backward, out=, in-place, non-contiguous inputs, refusals.

Each sample of an entry is run on the CPU, where torch is right by definition, and on npu; a column is as good as its
worst sample.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
from collections.abc import Callable, Iterator
from typing import Any

import torch
from aten.sweep.catalogue import Entry
from aten.sweep.sides import (
    SEED,
    Difference,
    OtherNumbers,
    Ran,
    Strictness,
    aliases,
    compare,
    copy_to,
    first_line,
    place,
    run,
    significant,
    strided,
    tensors,
)
from torch.testing._internal.common_device_type import toleranceOverride
from torch.testing._internal.opinfo.core import DecorateInfo
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

NOT_APPLICABLE, PASS, FALLBACK, ERROR, FAIL = GRAVITY = ("not applicable", "pass", "fallback", "error", "fail")

# Operators whose results torch promises no strides for: the CPU's are those of its libraries.
ANY_STRIDES = (
    *("argwhere", "nonzero", "unique*", "fft.*", "linalg.*", "cholesky*", "geqrf", "lu*", "ormqr", "qr", "svd*"),
    "triangular_solve",
)

# Arguments that torch takes on the CPU only, whatever the device of the others.
CPU_ARGUMENTS = ("tensor_split",)

# What the CPU says where it has no kernel or runs into an assertion of its own: npu may say it better.
CPU_STUMBLES = ("not implemented for", "Could this error message be improved?")

Make = Callable[..., tuple[Callable[[], Any], Any]]  # device, gaps between elements?, in double precision?


@dataclasses.dataclass
class Column:
    """What is known about one column of an entry."""

    state: str = NOT_APPLICABLE
    why: str = ""  # of the first sample that was in this state
    fell_back: set[str] = dataclasses.field(default_factory=set)

    def note(self, state: str, why: str = "") -> None:
        if GRAVITY.index(state) > GRAVITY.index(self.state):
            self.state, self.why = state, why

    def judge(
        self,
        npu: Ran,
        cpu: Ran,
        how: Strictness,
        label: str = "",
        anywhere: bool = False,
        exact: Callable[[], Ran] | None = None,
    ) -> None:
        """Take in how one call went on both sides; ``exact`` gives the CPU's result in double precision."""
        label = label and f"{label}: "
        if cpu.raised is None and npu.raised is not None:
            return self.note(ERROR, label + npu.message)
        if cpu.raised is not None and npu.raised is None:
            return self.note(FAIL, f"{label}no error, on the CPU {cpu.message}")
        stumbled = any(words in cpu.message for words in CPU_STUMBLES)
        if cpu.raised is not None and not issubclass(npu.raised, cpu.raised) and not stumbled:
            return self.note(ERROR, f"{label}{npu.message} (on the CPU {cpu.message})")
        if cpu.raised is not None:
            return self.note(PASS)
        try:
            compare(npu.value, cpu.value, dataclasses.replace(how, numbers=False), anywhere)
            if how.numbers:
                compare(npu.value, cpu.value, how, anywhere)
        except OtherNumbers as difference:
            if not exact or not as_near(npu.value, cpu.value, exact()):
                return self.note(FAIL, label + str(difference))
        except Difference as difference:
            return self.note(FAIL, label + str(difference))
        except Exception as error:  # the result cannot even be read
            return self.note(ERROR, label + first_line(error))
        self.fell_back.update(npu.fell_back)
        self.note(FALLBACK if npu.fell_back else PASS)

    def row(self) -> dict[str, Any]:
        return {"state": self.state, "why": self.why, "fell_back": sorted(self.fell_back)}


@dataclasses.dataclass(frozen=True)
class Case:
    """One call: ``make(device, gaps, exact)`` builds it on a device; ``outcome`` picks what autograd differentiates."""

    make: Make
    how: Strictness
    random: bool
    outcome: Callable[[Any], Any] = lambda value: value
    strided: bool = False  # the strides of the arguments are part of what is computed

    @classmethod
    def of(cls, make: Make, how: Strictness, **more: Any) -> Case:
        random = is_random(make)
        return cls(make, dataclasses.replace(how, numbers=how.numbers and not random), random, **more)


class RandomCalls(TorchDispatchMode):
    """Notes whether an operator inside the block draws random numbers of the CPU, and can have it draw others.

    Entries of the catalogue often set a seed of their own: with a ``seed``, it is set again before each draw.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self.seed = seed
        self.seen = False

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # noqa: ANN001, ANN201
        if torch.Tag.nondeterministic_seeded not in function.tags:
            return function(*args, **(kwargs or {}))
        if self.seed is not None:
            torch.manual_seed(self.seed)
        before = torch.get_rng_state()
        result = function(*args, **(kwargs or {}))
        self.seen |= not torch.equal(torch.get_rng_state(), before)
        return result


def is_random(make: Make) -> bool:
    """Whether the call draws random numbers and its result depends on them (dropout with p = 0 does not)."""
    with RandomCalls() as calls:
        first = run("cpu", lambda device: forward(make, device, False)).value
    return calls.seen and any(differ(first, other) for other in other_seeds(make, "cpu", False, first))


def other_seeds(make: Make, device: str, gaps: bool, first: Any) -> Iterator[Any]:
    """Yield results under other seeds: many for small results, as a dropout of five elements often drops none."""
    small = all(tensor.numel() < 64 for tensor in tensors(first))
    for seed in range(SEED + 1, SEED + (64 if small else 4)):
        with RandomCalls(seed):
            yield run(device, lambda device: forward(make, device, gaps)).value


def differ(left: Any, right: Any) -> bool:
    pairs = zip(tensors(left), tensors(right), strict=False)
    return any(a.shape != b.shape or not torch.equal(bits(a), bits(b)) for a, b in pairs)


def bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor as bytes on the CPU, so that a NaN is equal to itself."""
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)


def forward(make: Make, device: str, gaps: bool, exact: bool = False) -> Any:
    """Return the result of a call, its arguments as the call leaves them, and which results lie in which argument."""
    call, arguments = make(device, gaps, exact)
    with torch.no_grad():
        result = call()
    return result, arguments, aliases(result, arguments)


def backward(case: Case, device: str, gaps: bool, seeds: dict[int, torch.Tensor], exact: bool = False) -> Any:
    """Return which results can be differentiated, and the gradients of all arguments that ask for one."""
    call, arguments = case.make(device, gaps, exact)
    results = tensors(case.outcome(call()))
    ask = [leaf for leaf in tensors(arguments) if leaf.requires_grad]
    roots = [result for result in results if result.requires_grad]
    if not roots or not ask:
        return [result.requires_grad for result in results], ()
    for index, root in enumerate(roots):
        if index not in seeds:
            generator = torch.Generator().manual_seed(index)
            seeds[index] = torch.randn(root.shape, dtype=root.dtype, generator=generator)
    cotangents = [seeds[index].to(device, root.dtype) for index, root in enumerate(roots)]
    gradients = torch.autograd.grad(roots, ask, cotangents, allow_unused=True)
    return [result.requires_grad for result in results], gradients


def check_forward(case: Case, column: Column, gaps: bool = False) -> None:
    npu = run("npu", lambda device: forward(case.make, device, gaps))
    cpu, how = reference(case, npu, gaps, lambda dense: forward(case.make, "cpu", gaps and not dense))
    exact = lambda: run("cpu", lambda device: forward(case.make, device, False, True))  # noqa: E731
    column.judge(npu, cpu, how, exact=exact)
    if not case.random or npu.raised or cpu.raised:
        return
    again = run("npu", lambda device: forward(case.make, device, gaps))
    if again.raised or differ(again.value, npu.value):
        column.note(FAIL, "the same seed gives other numbers")
    if not any(differ(other, npu.value) for other in other_seeds(case.make, "npu", gaps, npu.value)):
        column.note(FAIL, "another seed gives the same numbers")


def check_backward(case: Case, column: Column, gaps: bool = False) -> None:
    seeds: dict[int, torch.Tensor] = {}
    npu = run("npu", lambda device: backward(case, device, gaps, seeds))
    cpu, how = reference(case, npu, gaps, lambda dense: backward(case, "cpu", gaps and not dense, seeds))
    if cpu.raised is None and not cpu.value[1] and npu.raised is None and not npu.value[1]:
        return
    exact = lambda: run("cpu", lambda device: backward(case, device, False, seeds, True))  # noqa: E731
    column.judge(npu, cpu, dataclasses.replace(how, strides=False), "gradient" if gaps else "", exact=exact)


def reference(case: Case, npu: Ran, gaps: bool, call: Callable[[bool], Any]) -> tuple[Ran, Strictness]:
    """Return the CPU's result; with gaps, its result without them where its kernel refuses or misreads gaps."""
    cpu = run("cpu", lambda _: call(False))
    if not gaps or case.strided or (cpu.raised is not None and npu.raised is not None):
        return cpu, case.how
    dense = run("cpu", lambda _: call(True))
    loose = dataclasses.replace(case.how, strides=False)
    if dense.raised is not None:
        return cpu, case.how
    try:
        if cpu.raised is None:
            compare(tensors(cpu.value), tensors(dense.value), loose, anywhere=True)
            return cpu, case.how
    except Difference:
        pass
    return dense, loose


def as_near(npu: Any, cpu: Any, exact: Ran) -> bool:
    """Whether npu is as near to the result in double precision as the CPU is: both round, and roundings add up.

    A CPU that is far from it says nothing about npu.
    """
    sides = [tensors(tree) for tree in (npu, cpu, exact.value)]
    if exact.raised is not None or len({len(side) for side in sides}) != 1:
        return False
    for got, want, truth in zip(*sides, strict=True):
        if not got.shape == want.shape == truth.shape or got.dtype != want.dtype:
            return False
        if got.numel() and (got.is_floating_point() or got.is_complex()):
            wrong, allowed = ((side.detach().cpu() - truth).abs().max().item() for side in (got, want))
            if not wrong <= 2 * allowed <= 0.01 * truth.abs().max().item():
                return False
        elif not torch.equal(got.cpu(), want):
            return False
    return True


# ---------------------------------------------------------------- operators only


def check_out(info: Any, sample: Any, case: Case, column: Column) -> None:
    """Give results of the right shape, with gaps, of no element, and of another dtype."""
    want = run("cpu", lambda device: forward(case.make, device, False))
    if want.raised is not None:
        return
    result = want.value[0]
    leaves = tensors(result)
    if not leaves or len(leaves) != len(pytree.tree_leaves(result)) or leaves[0].layout != torch.strided:
        return
    for form, prepared in out_forms(leaves).items():

        def call(device: str, form: str = form, prepared: list[torch.Tensor] = prepared) -> Any:
            (first, args, kwargs), outs = copy_to(((sample.input, sample.args, sample.kwargs), prepared), device)
            where = [out.data_ptr() for out in outs]
            out = outs[0] if isinstance(result, torch.Tensor) else tuple(outs)
            with torch.no_grad():
                got = info.op(first, *args, **kwargs, out=out)
            same = [a is b for a, b in zip(tensors(got), outs, strict=False)]
            moved = [a.data_ptr() != b for a, b in zip(outs, where, strict=True)]
            kept = [significant(a) for a in outs] if case.how.strides else None
            return outs, same, (kept, moved) if form in ("right shape", "with gaps") else None

        npu, cpu = run("npu", call), run("cpu", call)
        if form == "with gaps" and cpu.raised is None:  # some kernels of the CPU write over the gaps
            cpu.value = (leaves, *cpu.value[1:]) if case.how.numbers else cpu.value
        # A fallback resizes an empty result to dense strides, where the CPU's kernel may prefer others.
        strides = case.how.strides and form != "with gaps" and not (form == "no element" and npu.fell_back)
        column.judge(npu, cpu, dataclasses.replace(case.how, strides=strides), form)


def out_forms(results: list[torch.Tensor]) -> dict[str, list[torch.Tensor]]:
    right = [other_numbers(torch.empty_strided(t.shape, t.stride(), dtype=t.dtype)) for t in results]
    wrong = [torch.int64 if t.is_floating_point() or t.is_complex() else torch.float32 for t in results]
    return {
        "right shape": right,
        "with gaps": [strided(t.contiguous()) for t in right],
        "no element": [torch.empty(0, dtype=t.dtype) for t in right],
        "other dtype": [torch.zeros(t.shape, dtype=dtype) for t, dtype in zip(right, wrong, strict=True)],
    }


def other_numbers(tensor: torch.Tensor) -> torch.Tensor:
    """Fill the tensor with numbers that no operator leaves there."""
    if tensor.is_floating_point() or tensor.is_complex():
        return tensor.fill_(float("nan"))
    return tensor.fill_(True) if tensor.dtype == torch.bool else tensor.fill_(99)


def check_in_place(info: Any, sample: Any, case: Case, column: Column) -> None:
    if sample.broadcasts_input or not isinstance(sample.input, torch.Tensor):
        return
    for gaps in (False, True):

        def call(device: str, gaps: bool = gaps) -> Any:
            tree = pytree.tree_map_only(torch.Tensor, torch.Tensor.detach, (sample.input, sample.args, sample.kwargs))
            first, args, kwargs = copy_to((strided(tree[0]) if gaps else tree[0].clone(), *tree[1:]), device)
            version = first._version
            result = info.inplace_variant(first, *args, **kwargs)
            return first, args, result is first, first._version > version

        column.judge(run("npu", call), run("cpu", call), case.how, "with gaps" if gaps else "")


def check_refusals(info: Any, column: Column) -> None:
    """Give what the catalogue says must be refused: npu refuses with the CPU's class of exception."""
    if info.error_inputs_func is None:
        return
    for refused in info.error_inputs("cpu"):
        sample = refused.sample_input

        def call(device: str, sample: Any = sample) -> Any:
            first, args, kwargs = copy_to((sample.input, sample.args, sample.kwargs), device)
            info.op(first, *args, **kwargs)

        cpu = run("cpu", call)
        if cpu.raised is not None:
            column.judge(run("npu", call), cpu, Strictness())


# ---------------------------------------------------------------- an entry


def tolerance(info: Any) -> Strictness:
    """Return assert_close's tolerances for float32, or wider ones that the catalogue gives the entry on the CPU."""
    how = Strictness()
    for decorator in info.decorators:
        if not isinstance(decorator, DecorateInfo) or decorator.device_type not in (None, "cpu"):
            continue
        for inner in decorator.decorators:
            if isinstance(inner, toleranceOverride) and torch.float32 in inner.d:
                wide = inner.d[torch.float32]
                how = dataclasses.replace(how, rtol=max(how.rtol, wide.rtol), atol=max(how.atol, wide.atol))
    return how


def spread(items: list[Any], count: int) -> list[Any]:
    """Return at most ``count`` of the items, evenly spread, the first and the last among them."""
    if len(items) <= count:
        return items
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]


def check_operator(entry: Entry, samples: int) -> Iterator[tuple[str, Column]]:
    """Yield each column before it is checked; when the next is asked for, it is complete."""
    info = entry.info
    how = dataclasses.replace(
        tolerance(info),
        numbers=not info.has_nondeterministic_output,
        strides=not any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in ANY_STRIDES),
    )
    torch.manual_seed(SEED)
    drawn = spread(list(info.sample_inputs("cpu", torch.float32, requires_grad=info.supports_autograd)), samples)
    cases = [(sample, operator_case(info, sample, how)) for sample in drawn]
    columns = {name: Column() for name in entry.columns}
    yield "forward", columns["forward"]
    for _, case in cases:
        check_forward(case, columns["forward"])
    yield "backward", columns["backward"]
    for _, case in cases if info.supports_autograd else ():
        check_backward(case, columns["backward"])
    yield "out=", columns["out="]
    for sample, case in cases if info.supports_out else ():
        check_out(info, sample, case, columns["out="])
    yield "in-place", columns["in-place"]
    for sample, case in cases if info.inplace_variant else ():
        check_in_place(info, sample, case, columns["in-place"])
    yield "non-contiguous", columns["non-contiguous"]
    for sample, case in cases:
        if tensors((sample.input, sample.args, sample.kwargs)):
            check_forward(case, columns["non-contiguous"], gaps=True)
            if info.supports_autograd:
                check_backward(case, columns["non-contiguous"], gaps=True)
    yield "refusals", columns["refusals"]
    check_refusals(info, columns["refusals"])


def operator_case(info: Any, sample: Any, how: Strictness) -> Case:
    tree = (sample.input, sample.args, sample.kwargs)
    leaves = pytree.tree_leaves(tree)
    placed = any(isinstance(leaf, (torch.Tensor, torch.device)) or leaf in ("cpu", "cpu:0") for leaf in leaves)

    def make(device: str, gaps: bool, exact: bool = False) -> tuple[Callable[[], Any], Any]:
        first, args, kwargs = place(tree, device, gaps, exact)
        arguments = (first, args, kwargs)
        if info.name in CPU_ARGUMENTS:
            args, kwargs = place(tree, "cpu", gaps, exact)[1:]
            arguments = (first, (), {})

        def call() -> Any:
            with contextlib.nullcontext() if placed else torch.device(device):
                return info.op(first, *args, **kwargs)

        return call, arguments

    by_strides = info.name.startswith("as_strided")
    return Case.of(make, how, outcome=sample.output_process_fn_grad, strided=by_strides)
