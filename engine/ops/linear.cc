#include "engine/ops/op.h"
