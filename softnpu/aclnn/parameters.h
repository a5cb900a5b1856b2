// Parameter lists by number, for SOFT_OP: types come from the prototype in cann/include, so that a row
// repeats none.
#pragma once

// Type of parameter `i` of the first phase of `op`.
#define SOFT_TYPE(op, i) softnpu::Parameter<i, decltype(&op##GetWorkspaceSize)>

// clang-format off
#define SOFT_NTH(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, \
  _17, _18, _19, _20, _21, _22, _23, _24, _25, _26, _27, _28, _29, _30, _31, _32, \
  _33, _34, _35, _36, _37, _38, _39, _40, _41, _42, _43, _44, _45, _46, n, ...) n
#define SOFT_COUNT(...) SOFT_NTH(__VA_ARGS__, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, \
  22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)

#define SOFT_TYPED_1(op) SOFT_TYPE(op, 0) a0
#define SOFT_TYPED_2(op) SOFT_TYPED_1(op), SOFT_TYPE(op, 1) a1
#define SOFT_TYPED_3(op) SOFT_TYPED_2(op), SOFT_TYPE(op, 2) a2
#define SOFT_TYPED_4(op) SOFT_TYPED_3(op), SOFT_TYPE(op, 3) a3
#define SOFT_TYPED_5(op) SOFT_TYPED_4(op), SOFT_TYPE(op, 4) a4
#define SOFT_TYPED_6(op) SOFT_TYPED_5(op), SOFT_TYPE(op, 5) a5
#define SOFT_TYPED_7(op) SOFT_TYPED_6(op), SOFT_TYPE(op, 6) a6
#define SOFT_TYPED_8(op) SOFT_TYPED_7(op), SOFT_TYPE(op, 7) a7
#define SOFT_TYPED_9(op) SOFT_TYPED_8(op), SOFT_TYPE(op, 8) a8
#define SOFT_TYPED_10(op) SOFT_TYPED_9(op), SOFT_TYPE(op, 9) a9
#define SOFT_TYPED_11(op) SOFT_TYPED_10(op), SOFT_TYPE(op, 10) a10
#define SOFT_TYPED_12(op) SOFT_TYPED_11(op), SOFT_TYPE(op, 11) a11
#define SOFT_TYPED_13(op) SOFT_TYPED_12(op), SOFT_TYPE(op, 12) a12
#define SOFT_TYPED_14(op) SOFT_TYPED_13(op), SOFT_TYPE(op, 13) a13
#define SOFT_TYPED_15(op) SOFT_TYPED_14(op), SOFT_TYPE(op, 14) a14
#define SOFT_TYPED_16(op) SOFT_TYPED_15(op), SOFT_TYPE(op, 15) a15
#define SOFT_TYPED_17(op) SOFT_TYPED_16(op), SOFT_TYPE(op, 16) a16
#define SOFT_TYPED_18(op) SOFT_TYPED_17(op), SOFT_TYPE(op, 17) a17
#define SOFT_TYPED_19(op) SOFT_TYPED_18(op), SOFT_TYPE(op, 18) a18
#define SOFT_TYPED_20(op) SOFT_TYPED_19(op), SOFT_TYPE(op, 19) a19
#define SOFT_TYPED_21(op) SOFT_TYPED_20(op), SOFT_TYPE(op, 20) a20
#define SOFT_TYPED_22(op) SOFT_TYPED_21(op), SOFT_TYPE(op, 21) a21
#define SOFT_TYPED_23(op) SOFT_TYPED_22(op), SOFT_TYPE(op, 22) a22
#define SOFT_TYPED_24(op) SOFT_TYPED_23(op), SOFT_TYPE(op, 23) a23
#define SOFT_TYPED_25(op) SOFT_TYPED_24(op), SOFT_TYPE(op, 24) a24
#define SOFT_TYPED_26(op) SOFT_TYPED_25(op), SOFT_TYPE(op, 25) a25
#define SOFT_TYPED_27(op) SOFT_TYPED_26(op), SOFT_TYPE(op, 26) a26
#define SOFT_TYPED_28(op) SOFT_TYPED_27(op), SOFT_TYPE(op, 27) a27
#define SOFT_TYPED_29(op) SOFT_TYPED_28(op), SOFT_TYPE(op, 28) a28
#define SOFT_TYPED_30(op) SOFT_TYPED_29(op), SOFT_TYPE(op, 29) a29
#define SOFT_TYPED_31(op) SOFT_TYPED_30(op), SOFT_TYPE(op, 30) a30
#define SOFT_TYPED_32(op) SOFT_TYPED_31(op), SOFT_TYPE(op, 31) a31
#define SOFT_TYPED_33(op) SOFT_TYPED_32(op), SOFT_TYPE(op, 32) a32
#define SOFT_TYPED_34(op) SOFT_TYPED_33(op), SOFT_TYPE(op, 33) a33
#define SOFT_TYPED_35(op) SOFT_TYPED_34(op), SOFT_TYPE(op, 34) a34
#define SOFT_TYPED_36(op) SOFT_TYPED_35(op), SOFT_TYPE(op, 35) a35
#define SOFT_TYPED_37(op) SOFT_TYPED_36(op), SOFT_TYPE(op, 36) a36
#define SOFT_TYPED_38(op) SOFT_TYPED_37(op), SOFT_TYPE(op, 37) a37
#define SOFT_TYPED_39(op) SOFT_TYPED_38(op), SOFT_TYPE(op, 38) a38
#define SOFT_TYPED_40(op) SOFT_TYPED_39(op), SOFT_TYPE(op, 39) a39
#define SOFT_TYPED_41(op) SOFT_TYPED_40(op), SOFT_TYPE(op, 40) a40
#define SOFT_TYPED_42(op) SOFT_TYPED_41(op), SOFT_TYPE(op, 41) a41
#define SOFT_TYPED_43(op) SOFT_TYPED_42(op), SOFT_TYPE(op, 42) a42
#define SOFT_TYPED_44(op) SOFT_TYPED_43(op), SOFT_TYPE(op, 43) a43
#define SOFT_TYPED_45(op) SOFT_TYPED_44(op), SOFT_TYPE(op, 44) a44
#define SOFT_TYPED_46(op) SOFT_TYPED_45(op), SOFT_TYPE(op, 45) a45

#define SOFT_NAMED_1 a0
#define SOFT_NAMED_2 SOFT_NAMED_1, a1
#define SOFT_NAMED_3 SOFT_NAMED_2, a2
#define SOFT_NAMED_4 SOFT_NAMED_3, a3
#define SOFT_NAMED_5 SOFT_NAMED_4, a4
#define SOFT_NAMED_6 SOFT_NAMED_5, a5
#define SOFT_NAMED_7 SOFT_NAMED_6, a6
#define SOFT_NAMED_8 SOFT_NAMED_7, a7
#define SOFT_NAMED_9 SOFT_NAMED_8, a8
#define SOFT_NAMED_10 SOFT_NAMED_9, a9
#define SOFT_NAMED_11 SOFT_NAMED_10, a10
#define SOFT_NAMED_12 SOFT_NAMED_11, a11
#define SOFT_NAMED_13 SOFT_NAMED_12, a12
#define SOFT_NAMED_14 SOFT_NAMED_13, a13
#define SOFT_NAMED_15 SOFT_NAMED_14, a14
#define SOFT_NAMED_16 SOFT_NAMED_15, a15
#define SOFT_NAMED_17 SOFT_NAMED_16, a16
#define SOFT_NAMED_18 SOFT_NAMED_17, a17
#define SOFT_NAMED_19 SOFT_NAMED_18, a18
#define SOFT_NAMED_20 SOFT_NAMED_19, a19
#define SOFT_NAMED_21 SOFT_NAMED_20, a20
#define SOFT_NAMED_22 SOFT_NAMED_21, a21
#define SOFT_NAMED_23 SOFT_NAMED_22, a22
#define SOFT_NAMED_24 SOFT_NAMED_23, a23
#define SOFT_NAMED_25 SOFT_NAMED_24, a24
#define SOFT_NAMED_26 SOFT_NAMED_25, a25
#define SOFT_NAMED_27 SOFT_NAMED_26, a26
#define SOFT_NAMED_28 SOFT_NAMED_27, a27
#define SOFT_NAMED_29 SOFT_NAMED_28, a28
#define SOFT_NAMED_30 SOFT_NAMED_29, a29
#define SOFT_NAMED_31 SOFT_NAMED_30, a30
#define SOFT_NAMED_32 SOFT_NAMED_31, a31
#define SOFT_NAMED_33 SOFT_NAMED_32, a32
#define SOFT_NAMED_34 SOFT_NAMED_33, a33
#define SOFT_NAMED_35 SOFT_NAMED_34, a34
#define SOFT_NAMED_36 SOFT_NAMED_35, a35
#define SOFT_NAMED_37 SOFT_NAMED_36, a36
#define SOFT_NAMED_38 SOFT_NAMED_37, a37
#define SOFT_NAMED_39 SOFT_NAMED_38, a38
#define SOFT_NAMED_40 SOFT_NAMED_39, a39
#define SOFT_NAMED_41 SOFT_NAMED_40, a40
#define SOFT_NAMED_42 SOFT_NAMED_41, a41
#define SOFT_NAMED_43 SOFT_NAMED_42, a42
#define SOFT_NAMED_44 SOFT_NAMED_43, a43
#define SOFT_NAMED_45 SOFT_NAMED_44, a44
#define SOFT_NAMED_46 SOFT_NAMED_45, a45
// clang-format on
