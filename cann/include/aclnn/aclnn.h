/* Every operator of the contract. */
#pragma once

#include "aclnn/aclnn_activation.h"
#include "aclnn/aclnn_attention.h"
#include "aclnn/aclnn_communication.h"
#include "aclnn/aclnn_convolution.h"
#include "aclnn/aclnn_foreach.h"
#include "aclnn/aclnn_index.h"
#include "aclnn/aclnn_linalg.h"
#include "aclnn/aclnn_loss.h"
#include "aclnn/aclnn_moe.h"
#include "aclnn/aclnn_norm.h"
#include "aclnn/aclnn_optim.h"
#include "aclnn/aclnn_pointwise.h"
#include "aclnn/aclnn_quant.h"
#include "aclnn/aclnn_random.h"
#include "aclnn/aclnn_reduce.h"
