// The environment variables that the plugin reads: NPU_ENV(name, type, default, allowed values,
// documentation). Include after defining NPU_ENV; it is undefined at the end.

NPU_ENV(TORCH_NPU_CANN, kText, "auto", kCannAllowedValues, kCannDocumentation)
NPU_ENV(TORCH_NPU_LOG, kChoice, "warning", "error|warning|info|debug",
        "How much the plugin says on stderr; `info` has the line that names the CANN in use.")
NPU_ENV(TORCH_NPU_FALLBACK, kChoice, "warn", "warn|error|quiet",
        "What happens when an operator has no kernel on npu and runs on the CPU: one warning for each "
        "operator, an "
        "error, or nothing.")
NPU_ENV(PYTORCH_NPU_ALLOC_CONF, kText, "", "key:value,... as in PYTORCH_ALLOC_CONF",
        "Settings of the device and pinned allocators, for instance "
        "`expandable_segments:True,max_split_size_mb:128`; "
        "its keys win over those of PYTORCH_ALLOC_CONF.")
NPU_ENV(PYTORCH_ALLOC_CONF, kText, "", "key:value,...",
        "The same settings under torch's own name, for every accelerator.")
NPU_ENV(PYTORCH_NO_NPU_MEMORY_CACHING, kFlag, "0", "0 or 1",
        "1 asks CANN for every allocation and returns it at once: slow, for finding memory errors.")
NPU_ENV(ASCEND_HOME_PATH, kText, "", "a directory", "Where `auto` looks for a CANN toolkit first.")
NPU_ENV(ASCEND_TOOLKIT_HOME, kText, "", "a directory", "Where `auto` looks for a CANN toolkit second.")
NPU_ENV(ASCEND_RT_VISIBLE_DEVICES, kText, "", "device numbers in ascending order, for instance 0,1,3",
        "Which devices this process sees, renumbered from 0. Read by CANN when it is loaded.")
NPU_ENV(ASCEND_LAUNCH_BLOCKING, kFlag, "0", "0 or 1",
        "1 waits for every operator, so that a failure is raised by the call that caused it.")
NPU_ENV(ACL_DEVICE_SYNC_TIMEOUT, kInteger, "-1", "seconds, -1 for no limit",
        "How long torch.npu.synchronize() waits before it raises.")
NPU_ENV(ACL_STREAM_TIMEOUT, kInteger, "-1", "milliseconds, -1 for no limit",
        "How long the synchronisation of one stream waits before it raises.")
NPU_ENV(TORCH_ACL_INIT_CONFIG_PATH, kText, "", "a JSON file", "The configuration file that aclInit reads.")
NPU_ENV(
    TORCH_HCCL_ASYNC_ERROR_HANDLING, kChoice, "1", "0|1|2|3",
    "What happens after a collective failed or timed out, besides the error that every later call raises. "
    "1: the communicators are aborted, and the process is ended unless it ends by itself; 2: they are "
    "aborted; 3: the process is ended; 0: nothing.")
NPU_ENV(TORCH_HCCL_TEARDOWN_SECONDS, kInteger, "10", "seconds",
        "How long a process may go on after such a failure before it is ended.")
NPU_ENV(TORCH_HCCL_BLOCKING_WAIT, kFlag, "0", "0 or 1",
        "1 makes wait() of a collective block the host until the collective has finished.")
NPU_ENV(TORCH_HCCL_HIGH_PRIORITY, kFlag, "0", "0 or 1",
        "1 runs the collectives of every group on streams of high priority.")
NPU_ENV(P2P_HCCL_BUFFSIZE, kInteger, "20", "MiB",
        "Buffer of the communicators that send and recv use between two ranks; those of collectives follow "
        "HCCL_BUFFSIZE, which CANN reads.")
NPU_ENV(RANK, kText, "", "a number", "Rank of this process in a distributed job; error messages name it.")
NPU_ENV(TORCH_DEVICE_BACKEND_AUTOLOAD, kFlag, "1", "0 or 1",
        "0 keeps `import torch` from loading this plugin. Read by torch.")

#undef NPU_ENV
