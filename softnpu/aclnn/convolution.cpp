// Convolution, padding, and windows as columns.
#include <ATen/ops/col2im.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/reflection_pad2d_backward.h>
#include <ATen/ops/replication_pad2d_backward.h>
#include <ATen/ops/replication_pad3d_backward.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/threads.h"

using namespace softnpu;

namespace {

int64_t at_or_last(Ints values, size_t i) {
  return values.empty() ? 1 : values[std::min(i, values.size() - 1)];
}

void check_convolution(In input, In weight, Ints stride, Ints padding, Ints dilation, bool transposed,
                       Ints output_padding, int64_t groups, In output) {
  TORCH_CHECK(input.dim() >= 3 && input.dim() == weight.dim() && output.dim() == input.dim(),
              "input, weight and output must have as many dimensions, 3 or more");
  TORCH_CHECK(groups > 0 && input.size(1) == weight.size(transposed ? 0 : 1) * (transposed ? 1 : groups),
              "the channels of input do not fit weight and groups");
  TORCH_CHECK(output.size(0) == input.size(0) &&
                  output.size(1) == (transposed ? weight.size(1) * groups : weight.size(0)),
              "the batch or the channels of output do not fit");
  for (int64_t i = 2; i < input.dim(); ++i) {
    const auto j = static_cast<size_t>(i - 2);
    const int64_t span = at_or_last(dilation, j) * (weight.size(i) - 1) + 1;
    const int64_t pad = padding.empty() ? 0 : at_or_last(padding, j);
    const int64_t extra = output_padding.empty() ? 0 : at_or_last(output_padding, j);
    const int64_t size = transposed ? (input.size(i) - 1) * at_or_last(stride, j) - 2 * pad + span + extra
                                    : (input.size(i) + 2 * pad - span) / at_or_last(stride, j) + 1;
    TORCH_CHECK(size == output.size(i), "output has size ", output.size(i), " in dimension ", i,
                " instead of ", size);
  }
}

struct Convolution {
  Ints stride;
  Ints padding;
  Ints dilation;
  bool transposed;
  Ints output_padding;
  int64_t groups;

  at::Tensor run(In input, In weight, const std::optional<at::Tensor>& bias) const {
    return at::convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding,
                           groups);
  }
};

// A convolution in parts: by samples, or by channels of the output where there are too few. oneDNN sums in an
// order that depends on the number of threads, and ATen picks a kernel by it; a part has one thread.
class Parts {
 public:
  static constexpr int64_t kMost = 8;
  static constexpr int64_t kLeastFlops = 16'000'000;  // below, what a call of oneDNN costs shows

  Parts(In input, In weight, In output, const Convolution& c) {
    const int64_t positions = c.transposed ? input.numel() : output.numel();
    const int64_t flops = 2 * positions * (weight.numel() / std::max<int64_t>(weight.size(0), 1));
    const int64_t wanted = std::clamp<int64_t>(flops / kLeastFlops, 1, kMost);
    by_channels_ = input.size(0) < wanted && !c.transposed && c.groups == 1 && output.size(1) > input.size(0);
    extent_ = by_channels_ ? output.size(1) : input.size(0);
    count_ = std::clamp<int64_t>(extent_, 1, wanted);
  }

  int64_t count() const { return count_; }
  bool by_channels() const { return by_channels_; }

  at::Tensor of(In tensor, int64_t dim, int64_t part) const {
    const int64_t begin = extent_ * part / count_;
    return tensor.narrow(dim, begin, extent_ * (part + 1) / count_ - begin);
  }

 private:
  bool by_channels_;
  int64_t extent_;
  int64_t count_;
};

void convolve(In input, In weight, const std::optional<at::Tensor>& bias, const Convolution& c, Out output) {
  const Parts parts(input, weight, output, c);
  in_parts(parts.count(), [&](int64_t i) {
    if (parts.by_channels()) {
      const auto offsets = bias ? std::optional<at::Tensor>(parts.of(*bias, 0, i)) : std::nullopt;
      parts.of(output, 1, i).copy_(c.run(input, parts.of(weight, 0, i), offsets));
    } else {
      parts.of(output, 0, i).copy_(c.run(parts.of(input, 0, i), weight, bias));
    }
  });
}

// The sum of what the parts found, in their order.
void sum_into(at::Tensor& out, const std::vector<at::Tensor>& found) {
  if (found.size() == 1) return put(out, found[0]);
  at::Tensor total = wide(found[0]).clone();
  for (size_t i = 1; i < found.size(); ++i) total.add_(found[i]);
  put(out, total);
}

void convolve_backward(In grad, In input, In weight, OptInts bias_sizes, const Convolution& c, Bools wanted,
                       OptOut grad_input, OptOut grad_weight, OptOut grad_bias) {
  const Parts parts(input, weight, grad, c);
  const bool channels = parts.by_channels();
  std::vector<at::Tensor> inputs(parts.count()), weights(parts.count()), biases(parts.count());
  in_parts(parts.count(), [&](int64_t i) {
    const at::DimVector bias_part{channels ? parts.of(grad, 1, i).size(1) : grad.size(1)};
    const at::OptionalIntArrayRef sizes =
        bias_sizes.has_value() ? at::OptionalIntArrayRef(bias_part) : std::nullopt;
    std::tie(inputs[i], weights[i], biases[i]) = at::convolution_backward(
        channels ? parts.of(grad, 1, i) : parts.of(grad, 0, i), channels ? input : parts.of(input, 0, i),
        channels ? parts.of(weight, 0, i) : weight, sizes, c.stride, c.padding, c.dilation, c.transposed,
        c.output_padding, c.groups, {wanted[0], wanted[1], wanted[2]});
    if (wanted[0] && !channels) parts.of(grad_input.tensor, 0, i).copy_(inputs[i]);
    if (wanted[1] && channels) parts.of(grad_weight.tensor, 0, i).copy_(weights[i]);
    if (wanted[2] && channels) parts.of(grad_bias.tensor, 0, i).copy_(biases[i]);
  });
  if (wanted[0] && channels) sum_into(grad_input.tensor, inputs);
  if (wanted[1] && !channels) sum_into(grad_weight.tensor, weights);
  if (wanted[2] && !channels) sum_into(grad_bias.tensor, biases);
}

void check_pad2d_backward(In grad, In self, Ints padding) {
  TORCH_CHECK(padding.size() == 4 && (self.dim() == 3 || self.dim() == 4) && grad.dim() == self.dim(),
              "gradOutput and self must have 3 or 4 dimensions and padding 4 numbers");
  TORCH_CHECK(grad.size(-1) == self.size(-1) + padding[0] + padding[1] &&
                  grad.size(-2) == self.size(-2) + padding[2] + padding[3],
              "gradOutput must have the shape of the padded self");
}

}  // namespace

SOFT_OP(aclnnConvolution, Floating,
        (In input, In weight, OptIn bias, Ints stride, Ints padding, Ints dilation, bool transposed,
         Ints outputPadding, int64_t groups, Out output, int8_t),
        {
          check_convolution(input, weight, stride, padding, dilation, transposed, outputPadding, groups,
                            output);
          TORCH_CHECK(input.scalar_type() == weight.scalar_type(),
                      "input and weight must have one data type");
          expect(output, output.sizes(), input.scalar_type());
          if (checking()) return;
          convolve(input, weight, present(bias),
                   {stride, padding, dilation, transposed, outputPadding, groups}, output);
        })
SOFT_OP(aclnnConvolutionBackward, Floating,
        (In gradOutput, In input, In weight, OptInts biasSizes, Ints stride, Ints padding, Ints dilation,
         bool transposed, Ints outputPadding, int groups, Bools outputMask, int8_t, OptOut gradInput,
         OptOut gradWeight, OptOut gradBias),
        {
          TORCH_CHECK(outputMask.size() == 3, "outputMask must have 3 entries");
          check_convolution(input, weight, stride, padding, dilation, transposed, outputPadding, groups,
                            gradOutput);
          TORCH_CHECK(
              (!outputMask[0] || gradInput) && (!outputMask[1] || gradWeight) && (!outputMask[2] || gradBias),
              "outputMask asks for a gradient that has no tensor");
          if (checking()) return;
          convolve_backward(gradOutput, input, weight, biasSizes,
                            {stride, padding, dilation, transposed, outputPadding, groups}, outputMask,
                            gradInput, gradWeight, gradBias);
        })

SOFT_OP(aclnnConstantPadNd, Stored, (In self, Ints pad, Number value, Out out), {
  expect_fits(value, out);
  put(out, at::constant_pad_nd(self, pad, value));
})
SOFT_OP(aclnnReflectionPad1d, FloatingOrComplex, (In self, Ints padding, Out out),
        aten::reflection_pad1d_out(out, self, padding))
SOFT_OP(aclnnReflectionPad1dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput),
        aten::reflection_pad1d_backward_out(gradInput, gradOutput, self, padding))
SOFT_OP(aclnnReflectionPad2d, FloatingOrComplex, (In self, Ints padding, Out out), {
  TORCH_CHECK(padding.size() == 4 && (self.dim() == 3 || self.dim() == 4),
              "self must have 3 or 4 dimensions");
  if (checking()) {
    std::vector<int64_t> shape = self.sizes().vec();
    shape[static_cast<size_t>(self.dim() - 1)] += padding[0] + padding[1];
    shape[static_cast<size_t>(self.dim() - 2)] += padding[2] + padding[3];
    return expect(out, shape, self.scalar_type());
  }
  at::reflection_pad2d_out(out, self, padding);
})
SOFT_OP(aclnnReflectionPad2dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput), {
          check_pad2d_backward(gradOutput, self, padding);
          if (checking()) return expect_like(gradInput, self);
          put(gradInput, at::reflection_pad2d_backward(gradOutput, self, padding));
        })
SOFT_OP(aclnnReplicationPad1d, FloatingOrComplex, (In self, Ints padding, Out out),
        aten::replication_pad1d_out(out, self, padding))
SOFT_OP(aclnnReplicationPad1dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput),
        aten::replication_pad1d_backward_out(gradInput, gradOutput, self, padding))
SOFT_OP(aclnnReplicationPad2d, FloatingOrComplex, (In self, Ints padding, Out out),
        aten::replication_pad2d_out(out, self, padding))
SOFT_OP(aclnnReplicationPad2dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput), {
          check_pad2d_backward(gradOutput, self, padding);
          if (checking()) return expect_like(gradInput, self);
          put(gradInput, at::replication_pad2d_backward(gradOutput, self, padding));
        })

SOFT_OP(aclnnReflectionPad3d, FloatingOrComplex, (In self, Ints padding, Out out),
        aten::reflection_pad3d_out(out, self, padding))
SOFT_OP(aclnnReflectionPad3dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput),
        aten::reflection_pad3d_backward_out(gradInput, gradOutput, self, padding))
SOFT_OP(aclnnReplicationPad3d, FloatingOrComplex, (In self, Ints padding, Out out),
        aten::replication_pad3d_out(out, self, padding))
SOFT_OP(aclnnReplicationPad3dBackward, FloatingOrComplex,
        (In gradOutput, In self, Ints padding, Out gradInput), {
          TORCH_CHECK(
              padding.size() == 6 && (self.dim() == 4 || self.dim() == 5) && gradOutput.dim() == self.dim(),
              "gradOutput and self must have 4 or 5 dimensions and padding 6 numbers");
          if (checking()) return expect_like(gradInput, self);
          put(gradInput, at::replication_pad3d_backward(gradOutput, self, padding));
        })

SOFT_OP(aclnnIm2col, FloatingOrComplex,
        (In self, Ints kernelSize, Ints dilation, Ints padding, Ints stride, Out out), {
          TORCH_CHECK(kernelSize.size() == 2 && (self.dim() == 3 || self.dim() == 4),
                      "self must have 3 or 4 dimensions");
          if (!checking()) put(out, at::im2col(self, kernelSize, dilation, padding, stride));
        })
SOFT_OP(aclnnIm2colBackward, FloatingOrComplex,
        (In gradOutput, Ints inputSize, Ints kernelSize, Ints dilation, Ints padding, Ints stride, Out out), {
          TORCH_CHECK(kernelSize.size() == 2 && inputSize.size() == 2, "the sizes must have two entries");
          if (!checking()) put(out, at::col2im(gradOutput, inputSize, kernelSize, dilation, padding, stride));
        })
