// Descriptions of tensors and buffers for aclop, the interface that precedes aclnn.
#include <climits>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "acl/acl.h"
#include "softnpu/acl/error.h"

struct aclTensorDesc {
  aclDataType type = ACL_DT_UNDEFINED;
  aclFormat format = ACL_FORMAT_UNDEFINED;
  std::vector<int64_t> dims;
  aclFormat storage_format = ACL_FORMAT_UNDEFINED;
  std::vector<int64_t> storage_dims;
  aclMemType placement = ACL_MEMTYPE_DEVICE;
  std::string name;
};

struct aclDataBuffer {
  void* data;
  size_t size;
};

namespace {

using softnpu::entry;
using softnpu::fail;
using softnpu::require;

size_t element_bits(aclDataType type) {
  switch (type) {
    case ACL_UINT1:
      return 1;
    case ACL_INT4:
    case ACL_FLOAT4_E2M1:
    case ACL_FLOAT4_E1M2:
      return 4;
    case ACL_FLOAT6_E3M2:
    case ACL_FLOAT6_E2M3:
      return 6;
    case ACL_INT8:
    case ACL_UINT8:
    case ACL_BOOL:
    case ACL_HIFLOAT8:
    case ACL_FLOAT8_E5M2:
    case ACL_FLOAT8_E4M3FN:
    case ACL_FLOAT8_E8M0:
      return 8;
    case ACL_FLOAT16:
    case ACL_BF16:
    case ACL_INT16:
    case ACL_UINT16:
      return 16;
    case ACL_FLOAT:
    case ACL_INT32:
    case ACL_UINT32:
    case ACL_COMPLEX32:
      return 32;
    case ACL_INT64:
    case ACL_UINT64:
    case ACL_DOUBLE:
    case ACL_COMPLEX64:
      return 64;
    case ACL_COMPLEX128:
    case ACL_STRING:
      return 128;
    default:
      return 0;
  }
}

size_t element_count(const aclTensorDesc& desc) {
  size_t count = 1;
  for (int64_t dim : desc.dims) {
    if (dim < 0) return 0;  // not known yet
    if (__builtin_mul_overflow(count, size_t(dim), &count)) return 0;
  }
  return count;
}

bool valid_dims(int count, const int64_t* dims) {
  return count >= 0 && (count == 0 || dims != nullptr);
}

float half_to_float(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
  uint32_t bits;
  if (exponent == 0x1f) {
    bits = sign | 0x7f800000 | fraction << 13;
  } else if (exponent != 0) {
    bits = sign | (exponent + 112) << 23 | fraction << 13;
  } else {
    float value = std::ldexp(float(fraction), -24);
    return sign != 0 ? -value : value;
  }
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// To the nearest, ties to even.
uint16_t float_to_half(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  uint16_t sign = uint16_t(bits >> 16 & 0x8000);
  float magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (magnitude >= 65520.0f) return sign | 0x7c00;
  if (magnitude < 6.103515625e-05f) return sign | uint16_t(std::lrint(std::ldexp(double(magnitude), 24)));
  uint32_t rounded = (bits & 0x7fffffff) + 0xfff + (bits >> 13 & 1);
  return sign | uint16_t((rounded - (uint32_t{112} << 23)) >> 13);
}

}  // namespace

extern "C" {

aclDataBuffer* aclCreateDataBuffer(void* data, size_t size) {
  return new (std::nothrow) aclDataBuffer{data, size};
}

aclError aclDestroyDataBuffer(const aclDataBuffer* dataBuffer) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(dataBuffer, "dataBuffer");
    delete dataBuffer;
    return result;
  });
}

void* aclGetDataBufferAddr(const aclDataBuffer* dataBuffer) {
  return dataBuffer == nullptr ? nullptr : dataBuffer->data;
}

size_t aclGetDataBufferSizeV2(const aclDataBuffer* dataBuffer) {
  return dataBuffer == nullptr ? 0 : dataBuffer->size;
}

aclError aclUpdateDataBuffer(aclDataBuffer* dataBuffer, void* data, size_t size) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(dataBuffer, "dataBuffer");
    if (result == ACL_SUCCESS) *dataBuffer = {data, size};
    return result;
  });
}

aclTensorDesc* aclCreateTensorDesc(aclDataType dataType, int numDims, const int64_t* dims, aclFormat format) {
  aclTensorDesc* made = nullptr;
  entry(__func__, [&]() -> aclError {
    if (!valid_dims(numDims, dims))
      return fail(ACL_ERROR_INVALID_PARAM, "%d dimensions are not valid.", numDims);
    made = new aclTensorDesc;
    made->type = dataType;
    made->format = format;
    made->dims.assign(dims, dims + numDims);
    return ACL_SUCCESS;
  });
  return made;
}

void aclDestroyTensorDesc(const aclTensorDesc* desc) {
  delete desc;
}

aclDataType aclGetTensorDescType(const aclTensorDesc* desc) {
  return desc == nullptr ? ACL_DT_UNDEFINED : desc->type;
}

aclFormat aclGetTensorDescFormat(const aclTensorDesc* desc) {
  return desc == nullptr ? ACL_FORMAT_UNDEFINED : desc->format;
}

size_t aclGetTensorDescNumDims(const aclTensorDesc* desc) {
  return desc == nullptr ? 0 : desc->dims.size();
}
size_t aclGetTensorDescElementCount(const aclTensorDesc* desc) {
  return desc == nullptr ? 0 : element_count(*desc);
}

size_t aclGetTensorDescSize(const aclTensorDesc* desc) {
  return desc == nullptr ? 0 : (element_count(*desc) * element_bits(desc->type) + CHAR_BIT - 1) / CHAR_BIT;
}

aclError aclGetTensorDescDimV2(const aclTensorDesc* desc, size_t index, int64_t* dimSize) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(desc, "desc"); result != ACL_SUCCESS) return result;
    if (aclError result = require(dimSize, "dimSize"); result != ACL_SUCCESS) return result;
    if (index >= desc->dims.size()) {
      return fail(ACL_ERROR_INVALID_PARAM, "there is no dimension %zu; the tensor has %zu.", index,
                  desc->dims.size());
    }
    *dimSize = desc->dims[index];
    return ACL_SUCCESS;
  });
}

int64_t aclGetTensorDescDim(const aclTensorDesc* desc, size_t index) {
  int64_t size = -1;
  return aclGetTensorDescDimV2(desc, index, &size) == ACL_SUCCESS ? size : -1;
}

const char* aclGetTensorDescName(aclTensorDesc* desc) {
  return desc == nullptr ? "" : desc->name.c_str();
}

void aclSetTensorDescName(aclTensorDesc* desc, const char* name) {
  entry(__func__, [&]() -> aclError {
    aclError result = require(desc, "desc");
    if (result == ACL_SUCCESS) desc->name = name == nullptr ? "" : name;
    return result;
  });
}

aclError aclSetTensorFormat(aclTensorDesc* desc, aclFormat format) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(desc, "desc");
    if (result == ACL_SUCCESS) desc->storage_format = format;
    return result;
  });
}

aclError aclSetTensorShape(aclTensorDesc* desc, int numDims, const int64_t* dims) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(desc, "desc"); result != ACL_SUCCESS) return result;
    if (!valid_dims(numDims, dims))
      return fail(ACL_ERROR_INVALID_PARAM, "%d dimensions are not valid.", numDims);
    desc->storage_dims.assign(dims, dims + numDims);
    return ACL_SUCCESS;
  });
}

aclError aclSetTensorPlaceMent(aclTensorDesc* desc, aclMemType memType) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(desc, "desc");
    if (result == ACL_SUCCESS) desc->placement = memType;
    return result;
  });
}

size_t aclDataTypeSize(aclDataType dataType) {
  return element_bits(dataType) / CHAR_BIT;
}
float aclFloat16ToFloat(aclFloat16 value) {
  return half_to_float(value);
}
aclFloat16 aclFloatToFloat16(float value) {
  return float_to_half(value);
}

}  // extern "C"
