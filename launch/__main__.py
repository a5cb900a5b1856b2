"""``python -m torch_npu.launch`` is ``npurun``."""

from torch_npu.launch.cli import main

raise SystemExit(main())
