// Scalars and arrays of plain values.
#include <algorithm>
#include <cstring>

#include "softnpu.h"
#include "softnpu/aclnn/base/descriptors.h"
#include "softnpu/aclnn/base/pool.h"

namespace {

using ScalarPool = softnpu::Pool<aclScalar>;

size_t size_of(aclDataType dtype) {
  switch (dtype) {
    case ACL_BOOL:
    case ACL_INT8:
    case ACL_UINT8:
      return 1;
    case ACL_INT16:
    case ACL_UINT16:
    case ACL_FLOAT16:
    case ACL_BF16:
      return 2;
    case ACL_INT32:
    case ACL_UINT32:
    case ACL_FLOAT:
    case ACL_COMPLEX32:
      return 4;
    case ACL_INT64:
    case ACL_UINT64:
    case ACL_DOUBLE:
    case ACL_COMPLEX64:
      return 8;
    case ACL_COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

template <class Array, class Value>
Array* create(const char* function, const Value* value, uint64_t size) {
  if (value == nullptr && size > 0) {
    softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "%s: value is a null pointer although size is %llu", function,
                  static_cast<unsigned long long>(size));
    return nullptr;
  }
  auto* array = new Array{size, new Value[std::max<uint64_t>(size, 1)]};
  std::copy_n(value, size, array->values);
  return array;
}

template <class Array>
aclnnStatus destroy(const Array* array) {
  if (array == nullptr) return ACLNN_SUCCESS;
  delete[] array->values;
  delete array;
  return ACLNN_SUCCESS;
}

template <class Array>
aclnnStatus size_out(const char* function, const Array* array, uint64_t* size) {
  if (array == nullptr || size == nullptr)
    return softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "%s: an argument is a null pointer", function);
  *size = array->size;
  return ACLNN_SUCCESS;
}

}  // namespace

extern "C" {

aclScalar* aclCreateScalar(void* value, aclDataType dataType) {
  const size_t size = size_of(dataType);
  if (value == nullptr || size == 0) {
    softnpu_error(value == nullptr ? ACLNN_ERR_PARAM_NULLPTR : ACLNN_ERR_PARAM_INVALID,
                  value == nullptr ? "aclCreateScalar: value is a null pointer"
                                   : "aclCreateScalar: the data type %d cannot be a scalar",
                  static_cast<int>(dataType));
    return nullptr;
  }
  aclScalar* scalar = ScalarPool::take();
  if (scalar == nullptr) return nullptr;
  scalar->dtype = dataType;
  std::memcpy(scalar->value, value, size);
  softnpu::begin_life(scalar->generation);
  return scalar;
}

aclnnStatus aclDestroyScalar(const aclScalar* scalar) {
  if (scalar == nullptr) return ACLNN_SUCCESS;
  auto* mine = const_cast<aclScalar*>(scalar);
  if (!softnpu::end_life(mine->generation))
    return softnpu_error(ACLNN_ERR_PARAM_INVALID, "aclDestroyScalar: the scalar was already destroyed");
  ScalarPool::give(mine);
  return ACLNN_SUCCESS;
}

aclScalarList* aclCreateScalarList(const aclScalar* const* value, uint64_t size) {
  if (value == nullptr && size > 0) {
    softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "aclCreateScalarList: value is a null pointer");
    return nullptr;
  }
  auto* list = new aclScalarList{size, new aclScalar*[std::max<uint64_t>(size, 1)]};
  for (uint64_t i = 0; i < size; ++i) list->scalars[i] = const_cast<aclScalar*>(value[i]);
  return list;
}

aclnnStatus aclDestroyScalarList(const aclScalarList* array) {
  if (array == nullptr) return ACLNN_SUCCESS;
  aclnnStatus status = ACLNN_SUCCESS;
  for (uint64_t i = 0; i < array->size; ++i) {
    const aclnnStatus one = aclDestroyScalar(array->scalars[i]);
    if (one != ACLNN_SUCCESS) status = one;
  }
  delete[] array->scalars;
  delete array;
  return status;
}

aclnnStatus aclGetScalarListSize(const aclScalarList* scalarList, uint64_t* size) {
  return size_out("aclGetScalarListSize", scalarList, size);
}

aclIntArray* aclCreateIntArray(const int64_t* value, uint64_t size) {
  return create<aclIntArray>("aclCreateIntArray", value, size);
}
aclnnStatus aclDestroyIntArray(const aclIntArray* array) {
  return destroy(array);
}
aclnnStatus aclGetIntArraySize(const aclIntArray* array, uint64_t* size) {
  return size_out("aclGetIntArraySize", array, size);
}

aclBoolArray* aclCreateBoolArray(const bool* value, uint64_t size) {
  return create<aclBoolArray>("aclCreateBoolArray", value, size);
}
aclnnStatus aclDestroyBoolArray(const aclBoolArray* array) {
  return destroy(array);
}
aclnnStatus aclGetBoolArraySize(const aclBoolArray* array, uint64_t* size) {
  return size_out("aclGetBoolArraySize", array, size);
}

aclFloatArray* aclCreateFloatArray(const float* value, uint64_t size) {
  return create<aclFloatArray>("aclCreateFloatArray", value, size);
}
aclnnStatus aclDestroyFloatArray(const aclFloatArray* array) {
  return destroy(array);
}
aclnnStatus aclGetFloatArraySize(const aclFloatArray* array, uint64_t* size) {
  return size_out("aclGetFloatArraySize", array, size);
}

}  // extern "C"
