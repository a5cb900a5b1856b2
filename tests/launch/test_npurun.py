"""``npurun`` starts what torchrun starts, refuses what cannot work before it starts, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from torch_npu.launch import cli, environment
from torch_npu.launch.environment import LaunchError

ROOT = Path(__file__).resolve().parents[2]

# Says what it was given, one line a rank and in one write, and then does what the argument says.
WORKER = """
import os, signal, sys, time
names = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "OMP_NUM_THREADS", "ASCEND_RT_VISIBLE_DEVICES")
os.write(1, (" ".join(os.environ.get(name, "-") for name in names) + f" pid={os.getpid()}\\n").encode())
what = sys.argv[1] if len(sys.argv) > 1 else ""
if os.environ["RANK"] == "1" and what == "exit":
    sys.exit(17)
if os.environ["RANK"] == "1" and what == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if what == "once":
    ranks_meet = (os.environ["TORCHELASTIC_USE_AGENT_STORE"], os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"])
    os.write(1, " ".join(["meet", *ranks_meet, "\\n"]).encode())
    sys.exit(os.environ["TORCHELASTIC_RESTART_COUNT"] == "0")
if what:
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("npurun") / "worker.py"
    script.write_text(WORKER)
    return script


def settings(**changes: str | None) -> dict[str, str]:
    # Another checkout's torch_npu may be installed; this one's must be found.
    wanted = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": None, "ASCEND_RT_VISIBLE_DEVICES": None, **changes}
    inherited = {name: value for name, value in os.environ.items() if name not in wanted}
    return inherited | {name: value for name, value in wanted.items() if value is not None}


def npurun(*arguments: str | Path, module: str = "torch_npu.launch", **changes: str | None):
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, env=settings(**changes), capture_output=True, text=True, timeout=120)


def given(output: str) -> dict[int, list[str]]:
    """Return what each rank printed: local rank, world size, threads, visible devices."""
    lines = [line.split() for line in output.splitlines() if "pid=" in line]
    return {int(words[0]): words[1:5] for words in lines}


def alive(pid: int) -> bool:
    """A zombie has ended, whoever is late to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ranks_get_their_share_of_the_cores(worker: Path) -> None:
    result = npurun("--nproc-per-node", "2", worker, SOFTNPU_DEVICES="2")
    assert result.returncode == 0, result.stderr
    threads = str(max(1, environment.usable_cores() // 2))
    assert given(result.stdout) == {0: ["0", "2", threads, "-"], 1: ["1", "2", threads, "-"]}


def test_one_rank_for_each_visible_device_that_sees_only_its_own(worker: Path) -> None:
    result = npurun(
        "--nproc-per-node", "npu", "--virtual-local-rank", worker,
        SOFTNPU_DEVICES="8", ASCEND_RT_VISIBLE_DEVICES="4,6", OMP_NUM_THREADS="3",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert given(result.stdout) == {0: ["0", "2", "3", "4"], 1: ["0", "2", "3", "6"]}


def test_torchrun_counts_npus(worker: Path) -> None:
    result = npurun(
        "--nproc-per-node", "npu", "--standalone", worker, module="torch.distributed.run", SOFTNPU_DEVICES="3"
    )
    assert result.returncode == 0, result.stderr
    assert sorted(given(result.stdout)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "changes", "sentence"),
    [
        (["--nproc-per-node", "3"], {}, "3 ranks were asked for, but 2 npu are visible"),
        (["--nproc-per-node", "many"], {}, "--nproc-per-node many"),
        ([], {"ASCEND_RT_VISIBLE_DEVICES": "1,0"}, "device 0 comes after 1"),
        ([], {"ASCEND_RT_VISIBLE_DEVICES": "0,5"}, "this host has no device 5"),
    ],
)
def test_refused_before_anything_starts(worker: Path, arguments: list[str], changes: dict, sentence: str) -> None:
    result = npurun(*arguments, worker, SOFTNPU_DEVICES="2", **changes)
    assert result.returncode == 2 and result.stdout == ""
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("npurun: ")]
    assert sentence in line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0,1,1", "device 1 is listed twice"),
        ("2,1", "device 1 comes after 2"),
        ("0, 1", "' 1' is not a device number"),
        ("", "'' is not a device number"),
        ("0,x", "'x' is not a device number"),
    ],
)
def test_visible_devices(text: str, sentence: str) -> None:
    with pytest.raises(LaunchError, match=sentence):
        environment.check_visible_devices(text)


def test_visible_devices_that_are_fine() -> None:
    assert environment.check_visible_devices(None) is None
    assert environment.check_visible_devices("0,3,12") == [0, 3, 12]


def test_a_script_that_is_not_there() -> None:
    with pytest.raises(LaunchError, match="the script nowhere.py does not exist"):
        environment.check_script("nowhere.py", is_module=False, has_python=True)
    with pytest.raises(LaunchError, match="no program nowhere that can be run"):
        environment.check_script("nowhere", is_module=False, has_python=False)
    environment.check_script("sh", is_module=False, has_python=False)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LaunchError, match="cannot be used on this host"):
            environment.check_port(port, is_host=True)
        environment.check_port(port, is_host=False)
    with pytest.raises(LaunchError, match="70000 is not between 1 and 65535"):
        environment.check_port(70000, is_host=False)


@pytest.mark.parametrize(
    ("arguments", "backend", "endpoint"),
    [
        ([], "c10d", "localhost:0"),
        (["--master-port", "0"], "c10d", "localhost:0"),
        (["--master-port", "31234"], "static", ""),
        (["--master-port", "31234", "--max-restarts", "1"], "c10d", "127.0.0.1:31234"),
        (["--nnodes", "2", "--node-rank", "1", "--master-addr", "there"], "static", ""),
        (["--nnodes", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint", "there:1"], "c10d", "there:1"),
    ],
)
def test_where_ranks_meet(arguments: list[str], backend: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")  # set anyway, so that nothing is left set
    args = cli.parser().parse_args([*arguments, "script.py"])
    cli.choose_rendezvous(args)
    assert (args.rdzv_backend, args.rdzv_endpoint) == (backend, endpoint)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--nnodes", "1:2:3"], "--nnodes 1:2:3 is neither a number nor"),
        (["--nnodes", "2", "--master-port", "0"], "--master-port 0 is not between 1 and 65535"),
    ],
)
def test_no_place_to_meet(arguments: list[str], sentence: str) -> None:
    with pytest.raises(LaunchError, match=sentence):
        cli.choose_rendezvous(cli.parser().parse_args([*arguments, "script.py"]))


@pytest.mark.parametrize("option", [["--numa-binding", "node"], ["--run-path"]])
def test_options_of_torchrun_that_are_refused(option: list[str]) -> None:
    with pytest.raises(LaunchError, match=option[0]):
        cli.configure(cli.parser().parse_args([*option, "script.py"]))


def test_ranks_that_start_again_have_a_new_store(worker: Path) -> None:
    result = npurun("--nproc-per-node", "1", "--max-restarts", "1", worker, "once", SOFTNPU_DEVICES="1")
    assert result.returncode == 0, result.stderr
    meetings = [line.split()[1:] for line in result.stdout.splitlines() if line.startswith("meet")]
    assert [meeting[:2] for meeting in meetings] == [["False", "localhost"]] * 2
    assert meetings[0] != meetings[1]


def test_quota_of_a_cgroup(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert environment.read_quota(tmp_path) == [1.5]
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert environment.read_quota(tmp_path) == []


@pytest.mark.parametrize(
    ("what", "code", "sentence"),
    [("exit", 17, "it ended with exit code 17"), ("kill", 128 + signal.SIGKILL, "it was killed by SIGKILL")],
)
def test_exit_code_is_the_first_failing_rank_s(worker: Path, what: str, code: int, sentence: str) -> None:
    result = npurun("--nproc-per-node", "2", worker, what, SOFTNPU_DEVICES="2")
    assert result.returncode == code
    assert f"{worker} FAILED" in result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("npurun: rank 1 (process ") and sentence in last


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_do_not_outlive_the_agent(worker: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "torch_npu.launch", "--nproc-per-node", "2", str(worker), "sleep"]
    with subprocess.Popen(
        command, env=settings(SOFTNPU_DEVICES="2"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as agent:
        pids = [int(agent.stdout.readline().rpartition("pid=")[2]) for _ in range(2)]
        assert all(alive(pid) for pid in pids)
        agent.send_signal(number)
        code = agent.wait(timeout=30)
        ended = time.monotonic()
    assert code == (-number if number == signal.SIGKILL else 128 + number)
    while any(alive(pid) for pid in pids):
        assert time.monotonic() - ended < 2
        time.sleep(0.01)
