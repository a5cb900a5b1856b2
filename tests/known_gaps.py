"""The operators that have a CPU kernel and none for npu: they run on the CPU, with a warning, and this is why.

A row is a pattern over ``packet`` or ``packet.overload`` and a reason. Deleting the last operator of a row means
deleting the row: a row without an operator, and an operator without a row, fail tests/aten/test_known_gaps.py.
"""

from __future__ import annotations

import torch

NO_ROW = "CANN has an operator; no row yet"
NO_OPERATOR = "CANN has no operator"
COMPOSE = "CANN has no operator; a composition of others is not written yet"
CPU_ONLY = "an operator of the CPU backend"
LAYOUT = "sparse, nested or quantised tensors on npu do not exist"
PROBE = "upstream's own test or bookkeeping operator"

GAPS: list[tuple[str, str]] = [
    # pooling, padding, convolution and resampling
    ("fractional_max_pool?d*", NO_OPERATOR),
    ("_upsample_lanczos2d_aa*", NO_OPERATOR),
    ("*slow_conv*", "reached only where convolution_overrideable is not: never for npu tensors"),
    # normalisation, attention, recurrence
    ("_batch_norm_with_update.out", COMPOSE),
    ("_masked_softmax*", NO_ROW),
    ("_fused_sdp_choice", NO_ROW),
    ("_scaled_dot_product_flash_attention_for_cpu*", CPU_ONLY),
    ("_transform_bias_rescale_qkv", NO_ROW),
    ("mkldnn_rnn_layer*", CPU_ONLY),
    ("quantized_gru*", LAYOUT),
    ("quantized_lstm*", LAYOUT),
    # losses, embeddings, optimizers
    ("glu_jvp", COMPOSE),
    ("glu_backward_jvp", COMPOSE),
    # pointwise
    ("_add_relu*", NO_ROW),
    ("digamma*", NO_OPERATOR),
    ("frexp*", NO_OPERATOR),
    ("i0*", NO_OPERATOR),
    ("igamma*", NO_OPERATOR),
    ("lcm*", NO_OPERATOR),
    ("lgamma*", NO_OPERATOR),
    ("mvlgamma*", NO_OPERATOR),
    ("nextafter*", NO_OPERATOR),
    ("polygamma*", NO_OPERATOR),
    ("special_*", NO_OPERATOR),
    # reductions, order, search
    ("_aminmax*", NO_ROW),
    ("_logcumsumexp*", NO_OPERATOR),
    ("hash_tensor*", NO_OPERATOR),
    ("histogram*", NO_OPERATOR),
    ("_histogramdd_*", NO_OPERATOR),
    ("index_reduce*", NO_OPERATOR),
    ("segment_reduce", NO_OPERATOR),
    ("_segment_reduce_backward", NO_OPERATOR),
    ("unique_dim_consecutive", COMPOSE),
    ("narrow_copy.out", COMPOSE),
    # random
    ("binomial", NO_OPERATOR),
    ("poisson", NO_OPERATOR),
    ("_standard_gamma*", NO_OPERATOR),
    ("_sample_dirichlet", NO_OPERATOR),
    ("_dirichlet_grad", NO_OPERATOR),
    # linear algebra
    ("_fft_*", NO_OPERATOR),
    ("_linalg_*", "no operator in CANN, except for log-determinants and singular values: no row yet"),
    ("linalg_*", "no operator in CANN, except for Cholesky and the inverse: no row yet"),
    ("_cholesky_solve_helper", NO_OPERATOR),
    ("cholesky*", NO_ROW),
    ("_compute_linear_combination*", NO_OPERATOR),
    ("_int_mm*", NO_ROW),
    ("_pdist_*", "CANN has the forward operator alone"),
    ("_scaled_mm*", NO_ROW),
    ("_weight_int?pack_mm*", NO_ROW),
    ("geqrf*", NO_OPERATOR),
    ("lu_unpack*", NO_OPERATOR),
    ("ormqr*", NO_OPERATOR),
    ("triangular_solve*", NO_ROW),
    # other layouts and backends
    ("_convert_indices_from_*", LAYOUT),
    ("_validate_compressed_sparse_indices", LAYOUT),
    ("_to_sparse*", LAYOUT),
    ("_spdiags", LAYOUT),
    ("sspaddmm*", LAYOUT),
    ("_nested_*", LAYOUT),
    ("_jagged_to_padded_dense_forward", LAYOUT),
    ("_padded_dense_to_jagged_forward", LAYOUT),
    ("*quantize*", LAYOUT),
    ("_make_per_*_quantized_tensor", LAYOUT),
    ("_fused_moving_avg_obs_fq_helper", LAYOUT),
    ("_convert_weight_to_int4pack_for_cpu", CPU_ONLY),
    ("_dyn_quant_*", CPU_ONLY),
    ("_weight_int4pack_mm_for_cpu", CPU_ONLY),
    ("to_mkldnn*", CPU_ONLY),
    ("from_file", CPU_ONLY),
    ("_efficientzerotensor", "a tensor without memory; autograd makes them on the CPU"),
    ("_assert_async*", NO_OPERATOR),
    ("_functional_assert_async.msg", NO_OPERATOR),
    ("_foobar", PROBE),
    ("_make_dep_token", PROBE),
    ("_test_*", PROBE),
]


def gaps() -> list[str]:
    """Return the overloads, as ``packet.overload``, that have a CPU kernel and nothing that serves npu."""
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    serving = (
        "PrivateUse1",
        "CompositeImplicitAutograd",
        "CompositeExplicitAutograd",
        "CompositeExplicitAutogradNonFunctional",
    )
    missing = []
    for schema in torch._C._jit_get_all_schemas():
        namespace, _, packet = schema.name.partition("::")
        name = f"{schema.name}.{schema.overload_name}" if schema.overload_name else schema.name
        if namespace != "aten" or not torch._C._dispatch_has_kernel(name):
            continue
        if has(name, "CPU") and not any(has(name, key) for key in serving):
            missing.append(f"{packet}.{schema.overload_name}" if schema.overload_name else packet)
    return sorted(missing)
