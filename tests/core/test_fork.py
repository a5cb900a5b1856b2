"""A query never initialises; a forked child may use the device unless its parent has; nothing hangs at the end."""

from __future__ import annotations

import time
from pathlib import Path

from core.scripts import run_ok

QUERIES = """
import os, sys, traceback, torch, torch_npu
torch.npu.is_available(), torch.npu.device_count(), torch.npu.is_initialized(), torch.npu.current_device()
torch.npu.get_device_name(), torch.npu.get_device_properties(), torch.npu.is_bf16_supported()
torch.npu.memory_allocated(), torch.npu.memory_stats(), torch.npu.get_rng_state()
torch.npu.current_stream(), torch.npu.default_stream(), torch.npu.get_amp_supported_dtype()
torch.manual_seed(3), torch.npu.manual_seed_all(3), torch.npu.empty_cache()
torch.accelerator.is_available(), torch.accelerator.device_count(), torch.accelerator.current_device_index()
torch.autocast("npu", dtype=torch.float16), torch.device("npu"), torch.npu.fallback_stats()
torch.npu.set_device(0)
assert not torch.npu.is_initialized() and not torch.npu._initialized

def in_child(function):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            function()
            status = 0
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""


def test_queries_do_not_initialise(tmp_path: Path) -> None:
    code = (
        QUERIES
        + """
def child():
    assert not torch.npu._is_in_bad_fork()
    assert (torch.ones(3, device="npu") + 1).sum().item() == 6
in_child(child)
in_child(child)
assert (torch.ones(3, device="npu") + 1).sum().item() == 6
assert torch.npu.is_initialized()
"""
    )
    run_ok(code, tmp_path)


def test_child_of_a_user_is_refused(tmp_path: Path) -> None:
    code = (
        QUERIES
        + """
kept = torch.ones(3, device="npu")
stream, event = torch.npu.Stream(), torch.npu.Event()
event.record(stream)

def child():
    global kept, stream, event
    assert torch.npu._is_in_bad_fork() and not torch.npu.is_initialized()
    assert torch.npu.is_available() and torch.npu.device_count() > 0
    torch.manual_seed(1)
    uses = [
        lambda: torch.ones(2, device="npu"),
        lambda: torch.ones(2).npu(),
        lambda: kept + 1,
        lambda: kept.cpu(),
        lambda: torch.npu.synchronize(),
        lambda: torch.npu.init(),
        lambda: stream.synchronize(),
        lambda: torch.npu.mem_get_info(),
        lambda: torch.ones(2).pin_memory(),
    ]
    for number, use in enumerate(uses):
        try:
            use()
        except RuntimeError as error:
            assert "fork" in str(error) and "spawn" in str(error), (number, error)
        else:
            raise AssertionError(f"use {number} was not refused")
    del kept, stream, event
    import gc
    gc.collect()
in_child(child)
assert (kept + 1).sum().item() == 6
print("fine")
"""
    )
    assert run_ok(code, tmp_path) == "fine\n"


def test_child_may_leave_by_exit(tmp_path: Path) -> None:
    code = """
    import os, sys, torch, torch_npu
    kept = torch.ones(3, device="npu")
    pid = os.fork()
    if pid == 0:
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert kept.sum().item() == 3
    """
    run_ok(code, tmp_path)


def test_spawned_child_uses_the_device(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(
        "import torch, torch_npu\n"
        "def job(queue):\n    queue.put((torch.ones(4, device='npu') * 2).sum().item())\n"
        "if __name__ == '__main__':\n"
        "    import torch.multiprocessing as mp\n"
        "    torch.ones(1, device='npu')\n"
        "    context = mp.get_context('spawn')\n    queue = context.Queue()\n"
        "    process = context.Process(target=job, args=(queue,))\n    process.start()\n"
        "    assert queue.get(timeout=100) == 8\n    process.join()\n    assert process.exitcode == 0\n"
    )
    run_ok("import runpy; runpy.run_path('job.py', run_name='__main__')", tmp_path)


def test_data_loader_workers(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    from torch.utils.data import DataLoader, TensorDataset
    data = torch.arange(40.0).reshape(20, 2)
    total = torch.zeros((), device="npu")
    for _ in range(2):
        loader = DataLoader(TensorDataset(data), batch_size=5, num_workers=2, pin_memory=True,
                            multiprocessing_context="fork")
        for (batch,) in loader:
            assert batch.is_pinned()
            total += batch.to("npu", non_blocking=True).sum()
    assert total.item() == 2 * data.sum().item()
    """
    run_ok(code, tmp_path)


def test_data_loader_worker_that_uses_the_device(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    from torch.utils.data import DataLoader
    class OnDevice(torch.utils.data.Dataset):
        def __len__(self): return 4
        def __getitem__(self, index): return torch.ones(2, device="npu")
    torch.ones(1, device="npu")
    try:
        list(DataLoader(OnDevice(), num_workers=1, multiprocessing_context="fork"))
    except RuntimeError as error:
        assert "fork" in str(error) and "spawn" in str(error), error
    else:
        raise AssertionError
    """
    run_ok(code, tmp_path)


def test_exit_with_work_in_flight(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    kept = torch.ones(1 << 16, device="npu")
    side = torch.npu.Stream()
    event = torch.npu.Event()
    with torch.npu.stream(side):
        torch.npu._sleep(200_000_000)
        kept.add_(1)
        event.record()
    pinned = torch.ones(1 << 16).pin_memory()
    kept.copy_(pinned, non_blocking=True)
    """
    start = time.monotonic()
    run_ok(code, tmp_path, timeout=60)
    assert time.monotonic() - start < 40


def test_exit_while_a_thread_uses_the_device(tmp_path: Path) -> None:
    code = """
    import threading, time, torch, torch_npu
    def loop():
        x = torch.zeros(1024, device="npu")
        for _ in range(20):
            time.sleep(0.05)
            x.add_(1)
        print(x.sum().item())
    threading.Thread(target=loop).start()
    """
    assert run_ok(code, tmp_path, timeout=60) == "20480.0\n"


def test_use_after_shutdown_is_refused(tmp_path: Path) -> None:
    code = """
    import atexit, torch
    def last():
        try:
            torch.ones(1).npu()
        except RuntimeError as error:
            print(error)
    atexit.register(last)
    import torch_npu
    kept = torch.ones(1024).npu()
    """
    assert "shut down at the exit of the program" in run_ok(code, tmp_path, env={"TORCH_DEVICE_BACKEND_AUTOLOAD": "0"})
