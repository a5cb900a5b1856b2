"""Tools around a training run; installed as ``torch_npu.launch``. Nothing in training depends on them."""
