"""Names of the vendor's torch.npu and torch_npu that a user may try and that are not there yet."""

_NAMES = """
    BFloat16Storage BoolStorage ByteStorage CharStorage CubeMathType DoubleStorage ExternalEvent FloatStorage
    HalfStorage IntStorage LongStorage MemPool NPUGraph NPUPluggableAllocator NpuGraphOpHandler ShortStorage
    SyncLaunchStream aclnn caching_allocator_alloc caching_allocator_delete change_current_allocator
    check_uce_in_memory clear_npu_overflow_flag conv current_blas_handle disable_deterministic_with_backward
    empty_virt_addr_cache enable_deterministic_with_backward finalize_dump get_allocator_backend
    get_autocast_dtype get_device_limit get_mm_bmm_format_nd get_npu_overflow_flag get_soc_version
    get_stream_limit get_sync_debug_mode get_task_queue_enable graph graph_pool_handle graph_task_group_begin
    graph_task_group_end graph_task_update_begin graph_task_update_end init_dump is_autocast_enabled
    is_current_stream_capturing is_jit_compile_false make_graphed_callables matmul mstx native_device npurt
    obfuscation_calculate obfuscation_finalize obfuscation_initialize profile register_npu_graph_handler
    reset_stream_limit restart_device set_aoe set_autocast_dtype set_autocast_enabled set_deterministic_level
    set_device_limit set_dump set_mm_bmm_format_nd set_op_timeout_ms set_option set_stream_limit
    set_sync_debug_mode set_task_queue_enable stop_device stress_detect super_kernel_scope_begin
    super_kernel_scope_end use_mem_pool utils
    """


def is_vendor_name(name: str) -> bool:
    """Whether the vendor's ``torch.npu`` has ``name`` and this one has not."""
    return name in _NAMES.split()


# Attributes of torch_npu itself; its operators, torch_npu.npu_*, are told by their prefix.
_ATTRIBUTES = """
    HiFloat8Tensor asd contrib dynamo fast_gelu float4_e1m2fn_x2 float4_e2m1fn_x2 float8_e4m3fn
    float8_e5m2 float8_e8m0fnu hifloat8 int4 op_plugin optim profiler testing utils
    """


def is_vendor_attribute(name: str) -> bool:
    """Whether the vendor's ``torch_npu`` has the attribute ``name`` and this one has not."""
    return name in _ATTRIBUTES.split()
