// aclTensor and the lists that own tensors.
#include <algorithm>
#include <cstring>

#include "softnpu.h"
#include "softnpu/aclnn/base/descriptors.h"
#include "softnpu/aclnn/base/pool.h"

namespace {

using softnpu::kHardwareRank;
using softnpu::kMaxRank;
using TensorPool = softnpu::Pool<aclTensor>;

// The shape a caller sees: what a data-dependent operator reported, else what the tensor was made with.
uint64_t current_dims(const aclTensor* tensor, int64_t* dims) {
  uint64_t rank = tensor->rank;
  softnpu::ReportedShape* reported = tensor->reported.load(std::memory_order_acquire);
  if (reported == nullptr || !reported->get(dims, &rank)) std::copy_n(tensor->dims, rank, dims);
  return rank;
}

aclnnStatus copy_out(const int64_t* from, uint64_t count, int64_t** to, uint64_t* to_count) {
  *to = new (std::nothrow) int64_t[std::max<uint64_t>(count, 1)];  // the caller frees it with delete[]
  if (*to == nullptr) return softnpu_error(ACLNN_ERR_INNER, "out of host memory");
  std::copy_n(from, count, *to);
  *to_count = count;
  return ACLNN_SUCCESS;
}

aclnnStatus null_argument(const char* function, const char* argument) {
  return softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "%s: %s is a null pointer", function, argument);
}

template <class T>
aclTensor* refuse(const char* format, T value) {
  softnpu_error(ACLNN_ERR_PARAM_INVALID, format, value);
  return nullptr;
}

}  // namespace

#define CHECK_LIVE(tensor, function)                                \
  if ((tensor) == nullptr) return null_argument(function, #tensor); \
  if (!softnpu::is_alive((tensor)->generation))                     \
  return softnpu_error(ACLNN_ERR_PARAM_INVALID, "%s: the tensor was destroyed before this call", function)

extern "C" {

aclTensor* aclCreateTensor(const int64_t* viewDims, uint64_t viewDimsNum, aclDataType dataType,
                           const int64_t* stride, int64_t offset, aclFormat format,
                           const int64_t* storageDims, uint64_t storageDimsNum, void* tensorData) {
  const uint64_t limit = softnpu::strict() ? kHardwareRank : kMaxRank;
  const uint64_t most = std::max(viewDimsNum, storageDimsNum);
  if (most > limit)
    return refuse("aclCreateTensor: a tensor of %llu dimensions is not supported",
                  static_cast<unsigned long long>(most));
  if ((viewDimsNum > 0 && viewDims == nullptr) || (storageDimsNum > 0 && storageDims == nullptr))
    return refuse("%s", "aclCreateTensor: dimensions are a null pointer although their number is not zero");
  if (offset < 0)
    return refuse("aclCreateTensor: the offset %lld is negative", static_cast<long long>(offset));
  aclTensor* tensor = TensorPool::take();
  if (tensor == nullptr) return refuse("%s", "aclCreateTensor: out of host memory");
  tensor->dtype = dataType;
  tensor->format = format;
  tensor->rank = static_cast<uint32_t>(viewDimsNum);
  tensor->storage_rank = static_cast<uint32_t>(storageDimsNum);
  tensor->offset = offset;
  tensor->data = tensorData;
  int64_t step = 1;
  int64_t numel = 1;
  int64_t least = 0;
  bool contiguous = true;
  for (uint64_t i = viewDimsNum; i-- > 0;) {
    const int64_t dim = viewDims[i];
    const int64_t dim_stride = stride != nullptr ? stride[i] : step;
    tensor->dims[i] = dim;
    tensor->strides[i] = dim_stride;
    contiguous &= dim == 1 || dim_stride == numel;
    least = std::min(least, dim);
    numel *= dim;
    step *= std::max<int64_t>(dim, 1);
  }
  if (least < 0) {
    TensorPool::give(tensor);
    return refuse("aclCreateTensor: the dimension %lld is negative", static_cast<long long>(least));
  }
  for (uint64_t i = 0; i < storageDimsNum; ++i) tensor->storage_dims[i] = storageDims[i];
  tensor->numel = numel;
  tensor->plain = contiguous && softnpu::is_strided(format);
  softnpu::begin_life(tensor->generation);
  return tensor;
}

aclnnStatus aclDestroyTensor(const aclTensor* tensor) {
  if (tensor == nullptr) return ACLNN_SUCCESS;
  auto* mine = const_cast<aclTensor*>(tensor);
  if (!softnpu::end_life(mine->generation))
    return softnpu_error(ACLNN_ERR_PARAM_INVALID, "aclDestroyTensor: the tensor was already destroyed");
  if (auto* reported = mine->reported.load(std::memory_order_relaxed)) {
    mine->reported.store(nullptr, std::memory_order_relaxed);
    reported->release();
  }
  TensorPool::give(mine);
  return ACLNN_SUCCESS;
}

aclTensorList* aclCreateTensorList(const aclTensor* const* value, uint64_t size) {
  if (value == nullptr && size > 0) {
    softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "aclCreateTensorList: value is a null pointer");
    return nullptr;
  }
  auto* list = new aclTensorList{size, new aclTensor*[std::max<uint64_t>(size, 1)]};
  for (uint64_t i = 0; i < size; ++i) list->tensors[i] = const_cast<aclTensor*>(value[i]);
  return list;
}

aclnnStatus aclDestroyTensorList(const aclTensorList* array) {
  if (array == nullptr) return ACLNN_SUCCESS;
  aclnnStatus status = ACLNN_SUCCESS;
  for (uint64_t i = 0; i < array->size; ++i) {
    const aclnnStatus one = aclDestroyTensor(array->tensors[i]);
    if (one != ACLNN_SUCCESS) status = one;
  }
  delete[] array->tensors;
  delete array;
  return status;
}

aclnnStatus aclGetTensorListSize(const aclTensorList* array, uint64_t* size) {
  if (array == nullptr || size == nullptr) return null_argument("aclGetTensorListSize", "an argument");
  *size = array->size;
  return ACLNN_SUCCESS;
}

aclnnStatus aclGetViewShape(const aclTensor* tensor, int64_t** viewDims, uint64_t* viewDimsNum) {
  CHECK_LIVE(tensor, "aclGetViewShape");
  if (viewDims == nullptr || viewDimsNum == nullptr) return null_argument("aclGetViewShape", "an output");
  int64_t dims[kMaxRank];
  const uint64_t rank = current_dims(tensor, dims);
  return copy_out(dims, rank, viewDims, viewDimsNum);
}

aclnnStatus aclGetStorageShape(const aclTensor* tensor, int64_t** storageDims, uint64_t* storageDimsNum) {
  CHECK_LIVE(tensor, "aclGetStorageShape");
  if (storageDims == nullptr || storageDimsNum == nullptr)
    return null_argument("aclGetStorageShape", "an output");
  return copy_out(tensor->storage_dims, tensor->storage_rank, storageDims, storageDimsNum);
}

aclnnStatus aclGetViewStrides(const aclTensor* tensor, int64_t** stridesValue, uint64_t* stridesNum) {
  CHECK_LIVE(tensor, "aclGetViewStrides");
  if (stridesValue == nullptr || stridesNum == nullptr)
    return null_argument("aclGetViewStrides", "an output");
  return copy_out(tensor->strides, tensor->rank, stridesValue, stridesNum);
}

aclnnStatus aclGetViewOffset(const aclTensor* tensor, int64_t* offset) {
  CHECK_LIVE(tensor, "aclGetViewOffset");
  if (offset == nullptr) return null_argument("aclGetViewOffset", "offset");
  *offset = tensor->offset;
  return ACLNN_SUCCESS;
}

aclnnStatus aclGetFormat(const aclTensor* tensor, aclFormat* format) {
  CHECK_LIVE(tensor, "aclGetFormat");
  if (format == nullptr) return null_argument("aclGetFormat", "format");
  *format = tensor->format;
  return ACLNN_SUCCESS;
}

aclnnStatus aclGetDataType(const aclTensor* tensor, aclDataType* dataType) {
  CHECK_LIVE(tensor, "aclGetDataType");
  if (dataType == nullptr) return null_argument("aclGetDataType", "dataType");
  *dataType = tensor->dtype;
  return ACLNN_SUCCESS;
}

aclnnStatus aclGetRawTensorAddr(const aclTensor* tensor, void** addr) {
  CHECK_LIVE(tensor, "aclGetRawTensorAddr");
  if (addr == nullptr) return null_argument("aclGetRawTensorAddr", "addr");
  *addr = tensor->data;
  return ACLNN_SUCCESS;
}

aclnnStatus aclSetRawTensorAddr(aclTensor* tensor, void* addr) {
  CHECK_LIVE(tensor, "aclSetRawTensorAddr");
  tensor->data = addr;
  return ACLNN_SUCCESS;
}

}  // extern "C"

#undef CHECK_LIVE
