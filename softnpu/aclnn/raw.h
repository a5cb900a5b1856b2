// Raw loops: small contiguous pointwise calls skip ATen on the worker. Every loop gives the bits that ATen
// gives; a call that does not qualify goes the general way. Each name is a picker for Rule::raw_loop.
#pragma once

#include "softnpu/aclnn/kernel.h"

namespace softnpu::raw {

// (self, other[, alpha][, out]); with alpha only where it is 1.
bool add(Capture& call);
bool sub(Capture& call);
bool mul(Capture& call);
bool div(Capture& call);
bool maximum(Capture& call);
bool minimum(Capture& call);
bool eq(Capture& call);
bool ne(Capture& call);
bool lt(Capture& call);
bool le(Capture& call);
bool gt(Capture& call);
bool ge(Capture& call);

// (self, number[, alpha][, out])
bool adds(Capture& call);
bool subs(Capture& call);
bool muls(Capture& call);
bool divs(Capture& call);
bool eqs(Capture& call);
bool nes(Capture& call);
bool lts(Capture& call);
bool les(Capture& call);
bool gts(Capture& call);
bool ges(Capture& call);

// (self[, out])
bool neg(Capture& call);
bool abs(Capture& call);
bool relu(Capture& call);
bool reciprocal(Capture& call);

// (selfRef, value), (selfRef), (selfRef), (selfRef, src)
bool fill(Capture& call);
bool zero(Capture& call);
bool one(Capture& call);
bool copy(Capture& call);

}  // namespace softnpu::raw
