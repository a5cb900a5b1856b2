"""Copies, pickles, files and saved random states of what lives on npu: whole modules and optimizers, old formats."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok
from torch import nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

import torch_npu  # noqa: F401


def trained() -> tuple[nn.Module, torch.optim.Optimizer]:
    """A model on npu, and its optimizer with a state."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 2)).npu()
    optimizer = torch.optim.Adam(model.parameters(), 0.1)
    model(torch.ones(3, 4, device="npu")).sum().backward()
    optimizer.step()
    return model, optimizer


def alike(left: dict, right: dict) -> None:
    assert left.keys() == right.keys()
    for name, value in left.items():
        assert value.device == right[name].device and value.data_ptr() != right[name].data_ptr(), name
        assert torch.equal(value, right[name]), name


@pytest.mark.parametrize("make_copy", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_of_modules_and_optimizers(make_copy: object) -> None:
    model, optimizer = trained()
    other, updates = make_copy((model, optimizer))
    alike(other.state_dict(), model.state_dict())
    model.zero_grad()  # torch copies parameters without their gradients
    model(torch.ones(3, 4, device="npu")).sum().backward()
    other(torch.ones(3, 4, device="npu")).sum().backward()
    optimizer.step()
    updates.step()  # the copy updates the copied parameters, from the copied state
    alike(other.state_dict(), model.state_dict())


@pytest.mark.parametrize("new_format", [True, False])
@pytest.mark.parametrize("weights_only", [True, False])
def test_formats_of_files(weights_only: bool, new_format: bool, tmp_path: Path) -> None:
    model, _ = trained()
    torch.save(model.state_dict(), tmp_path / "state.pt", _use_new_zipfile_serialization=new_format)
    alike(torch.load(tmp_path / "state.pt", weights_only=weights_only), model.state_dict())
    with pytest.raises(pickle.UnpicklingError, match="[Ww]eights only"):
        torch.load(io.BytesIO(pickled_module(model)), weights_only=True)
    alike(torch.load(io.BytesIO(pickled_module(model)), weights_only=False).state_dict(), model.state_dict())


def pickled_module(model: nn.Module) -> bytes:
    file = io.BytesIO()
    torch.save(model, file)
    return file.getvalue()


def test_parameters_and_storages() -> None:
    parameter = nn.Parameter(torch.arange(4.0, device="npu"))
    other = pickle.loads(pickle.dumps(parameter))
    assert isinstance(other, nn.Parameter) and other.is_npu and other.requires_grad
    storage = parameter.untyped_storage()
    assert copy.deepcopy(storage).device == storage.device and storage.clone().nbytes() == 16
    base = torch.zeros(6, device="npu")
    view, again = copy.deepcopy((base[:4], base))
    view.fill_(1)
    assert again.tolist() == [1, 1, 1, 1, 0, 0]  # what shared memory shares it in the copy


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpoint_with_dropout_is_the_run_without(reentrant: bool) -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(16, 16), nn.Dropout(0.5), nn.GELU(), nn.Linear(16, 16), nn.Dropout(0.5)).npu()
    x = torch.randn(8, 16).npu()

    def gradients(run: object) -> list[torch.Tensor]:
        torch.npu.manual_seed(7)
        layers.zero_grad()
        value = x.clone().requires_grad_()
        run(value).square().sum().backward()
        return [value.grad, *(p.grad for p in layers.parameters())]

    want = gradients(layers)
    runs = (
        lambda value: checkpoint(layers, value, use_reentrant=reentrant),
        lambda value: checkpoint_sequential(layers, 2, value, use_reentrant=reentrant),
    )
    for run in runs:
        for got, expected in zip(gradients(run), want, strict=True):
            assert torch.equal(got, expected)


def test_fork_rng_of_named_devices() -> None:
    torch.npu.manual_seed(1)
    before = torch.npu.get_rng_state()
    with torch.random.fork_rng(devices=[0], device_type="npu"):
        torch.rand(4, device="npu")
    assert torch.equal(torch.npu.get_rng_state(), before)
    with torch.random.fork_rng(devices=[0], device_type="npu", enabled=False):
        torch.rand(4, device="npu")
    assert not torch.equal(torch.npu.get_rng_state(), before)


def test_workers_that_stay_are_forked_after_the_device_is_in_use(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    from torch.utils.data import DataLoader, TensorDataset
    weight = torch.ones(2, 1, device="npu", requires_grad=True)
    loader = DataLoader(TensorDataset(torch.arange(40.0).reshape(20, 2)), batch_size=5, num_workers=2,
                        pin_memory=True, persistent_workers=True, multiprocessing_context="fork")
    for epoch in range(3):
        for (batch,) in loader:
            assert batch.is_pinned()
            (batch.to("npu", non_blocking=True) @ weight).sum().backward()
    print(weight.grad.flatten().tolist())
    """
    assert run_ok(code, tmp_path) == "[1140.0, 1200.0]\n"


def test_spawned_workers_may_use_the_device(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(
        "import torch, torch_npu\n"
        "from torch.utils.data import DataLoader, Dataset\n"
        "class Sums(Dataset):\n"
        "    def __len__(self): return 4\n"
        "    def __getitem__(self, index): return torch.full((2,), index, device='npu').sum().item()\n"
        "if __name__ == '__main__':\n"
        "    torch.ones(1, device='npu')\n"
        "    loader = DataLoader(Sums(), batch_size=2, num_workers=1, multiprocessing_context='spawn')\n"
        "    print([batch.tolist() for batch in loader])\n"
    )
    assert run_ok("import runpy; runpy.run_path('job.py', run_name='__main__')", tmp_path) == "[[0, 2], [4, 6]]\n"
