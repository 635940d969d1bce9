// Fused elementwise programs: a block of elements at a time goes through the whole program, one SIMD loop an instruction,
// with the registers in first-level cache.
#include <cstring>
#include <numeric>

#include "engine/backends/cpu/kernels.h"

namespace trainyard::cpu {
namespace {

using Code = op::Instruction::Code;

constexpr int64_t kBlock = 512;
constexpr size_t kMaxRegisters = 256;

/// Where a register's values are found while a block runs.
enum class Place : uint8_t {
  memory,   // an operand of the output's shape
  number,   // one element
  row,      // an operand of the last dimensions, repeated over a block of scratch
  scratch,  // an instruction's result
  output,   // an instruction's result that can go straight to its output
};

struct Register {
  Place place = Place::memory;
  const float* operand = nullptr;  // memory, number, row
  int64_t period = 0;              // row
  int slot = -1;                   // scratch, row: number of the scratch block; number of the output
  int last_use = -1;
};

/// Registers of one call with places assigned; made anew each call, in place.
class Program {
 public:
  Program(const op::Fused& op, const KernelCall& call) : op_(op), call_(call), inputs_(call.inputs.size()) {
    check(inputs_ + op.program.size() <= kMaxRegisters, "a fused program fits the registers");
    find_last_uses();
    place_inputs();
    for (size_t i = 0; i < op.program.size(); ++i) place_result(i);
  }

  int64_t scratch_floats() const { return slots_ * kBlock; }

  /// Elements [begin, end), a block at a time.
  void run(const SimdTable& simd, float* scratch, int64_t begin, int64_t end) const {
    for (int64_t at = begin; at < end; at += block_) {
      const int64_t n = std::min(block_, end - at);
      for (size_t r = 0; r < inputs_; ++r)
        if (registers_[r].place == Place::row && (at == begin || block_ % registers_[r].period != 0))
          repeat_row(registers_[r], scratch, at, n);
      run_block(simd, scratch, at, n);
    }
  }

 private:
  void run_block(const SimdTable& simd, float* scratch, int64_t begin, int64_t n) const {
    for (size_t i = 0; i < op_.program.size(); ++i) step(simd, scratch, begin, n, i);
    for (size_t o = 0; o < op_.outputs.size(); ++o) write_output(scratch, begin, n, o);
  }

  void find_last_uses() {
    for (size_t i = 0; i < op_.program.size(); ++i)
      for (const uint16_t r : operands(op_.program[i])) registers_[r].last_use = static_cast<int>(i);
    for (const uint16_t r : op_.outputs) registers_[r].last_use = static_cast<int>(op_.program.size());
  }

  static std::array<uint16_t, 3> operands(const op::Instruction& step) {
    switch (step.code) {
      case Code::unary: return {step.a, step.a, step.a};
      case Code::binary: return {step.a, step.b, step.a};
      case Code::select: return {step.a, step.b, step.c};
    }
    return {};
  }

  void place_inputs() {
    const int64_t n = op_.shape.elements();
    int64_t common_period = 1;
    for (size_t r = 0; r < inputs_; ++r) {
      const TensorView& x = call_.inputs[r];
      registers_[r].operand = x.as<const float>();
      registers_[r].period = x.elements();
      if (x.elements() == n) {
        registers_[r].place = Place::memory;
      } else if (x.elements() == 1) {
        registers_[r].place = Place::number;
      } else {
        registers_[r].place = Place::row;
        registers_[r].slot = take_slot();
        // One beyond a block stands for all that are too long, so that the product of the two stays small.
        const int64_t common = std::lcm(common_period, std::min(x.elements(), kBlock + 1));
        if (common <= kBlock) common_period = common;
      }
    }
    block_ = kBlock / common_period * common_period;
  }

  void place_result(size_t i) {
    const op::Instruction& step = op_.program[i];
    Register& result = registers_[inputs_ + i];
    bool number = true;
    for (const uint16_t r : operands(step)) number = number && is_number(registers_[r]);
    if (number && step.code != Code::select) {
      result.place = Place::number;
      result.slot = take_slot();  // the number's place, held to the end
      return;
    }
    const int output = direct_output(i);
    result.place = output >= 0 ? Place::output : Place::scratch;
    result.slot = output >= 0 ? output : take_slot();
    for (const uint16_t r : operands(step)) release(registers_[r], static_cast<int>(i));
  }

  static bool is_number(const Register& r) { return r.place == Place::number; }

  /// The output that instruction i may write to as it goes: nothing reads that memory's old content afterwards.
  int direct_output(size_t i) const {
    for (size_t o = 0; o < op_.outputs.size(); ++o) {
      if (op_.outputs[o] != inputs_ + i) continue;
      bool safe = true;
      for (size_t r = 0; r < inputs_; ++r)
        if (call_.inputs[r].data == call_.outputs[o].data) safe = safe && registers_[r].last_use <= static_cast<int>(i);
      for (size_t other = 0; other < op_.outputs.size(); ++other)  // an input passed through to an output
        if (op_.outputs[other] < inputs_) safe = false;
      if (safe) return static_cast<int>(o);
    }
    return -1;
  }

  int take_slot() {
    for (int slot = 0; slot < slots_; ++slot)
      if (free_[static_cast<size_t>(slot)]) {
        free_[static_cast<size_t>(slot)] = false;
        return slot;
      }
    return slots_++;
  }
  void release(const Register& r, int i) {
    if (r.place == Place::scratch && r.last_use == i) free_[static_cast<size_t>(r.slot)] = true;
  }

  const float* read(const Register& r, const float* scratch, int64_t begin) const {
    switch (r.place) {
      case Place::memory: return r.operand + begin;
      case Place::number: return r.slot < 0 ? r.operand : scratch + r.slot * kBlock;
      case Place::row:
      case Place::scratch: return scratch + r.slot * kBlock;
      case Place::output: return call_.outputs[static_cast<size_t>(r.slot)].as<const float>() + begin;
    }
    return nullptr;
  }
  float* write(const Register& r, float* scratch, int64_t begin) const {
    if (r.place == Place::output) return call_.outputs[static_cast<size_t>(r.slot)].as<float>() + begin;
    return scratch + r.slot * kBlock;
  }

  static void repeat_row(const Register& row, float* scratch, int64_t begin, int64_t n) {
    float* to = scratch + row.slot * kBlock;
    const auto copy = [](float* there, const float* from, int64_t count) {
      std::memcpy(there, from, static_cast<size_t>(count) * sizeof(float));
    };
    const int64_t at = begin % row.period;
    const int64_t first = std::min(n, row.period - at);
    copy(to, row.operand + at, first);
    copy(to + first, row.operand, std::min(n - first, at));
    for (int64_t done = row.period; done < n; done *= 2) copy(to + done, to, std::min(done, n - done));
  }

  void step(const SimdTable& simd, float* scratch, int64_t begin, int64_t n, size_t i) const {
    const op::Instruction& instruction = op_.program[i];
    const Register& result = registers_[inputs_ + i];
    const Register& a = registers_[instruction.a];
    float* to = write(result, scratch, begin);
    const int64_t count = is_number(result) ? 1 : n;
    switch (instruction.code) {
      case Code::unary: simd.unary[static_cast<int>(instruction.unary)](read(a, scratch, begin), to, count); return;
      case Code::binary: {
        const Register& b = registers_[instruction.b];
        const BinaryLoops& loops = simd.binary[static_cast<int>(instruction.binary)];
        const BinaryLoop loop = is_number(result) ? loops.both
                                : is_number(a)    ? loops.number_a
                                : is_number(b)    ? loops.number_b
                                                  : loops.both;
        loop(read(a, scratch, begin), read(b, scratch, begin), to, count);
        return;
      }
      case Code::select: select(simd, instruction, scratch, begin, n, to); return;
    }
  }

  /// Numbers are spread over a block of their own on the stack; selects of numbers are rare.
  void select(const SimdTable& simd, const op::Instruction& instruction, const float* scratch, int64_t begin, int64_t n,
              float* to) const {
    float spread[3][kBlock];
    const float* from[3];
    const std::array<uint16_t, 3> ids = operands(instruction);
    for (size_t o = 0; o < 3; ++o) {
      const Register& r = registers_[ids[o]];
      from[o] = read(r, scratch, begin);
      if (!is_number(r)) continue;
      std::fill_n(spread[o], n, *from[o]);
      from[o] = spread[o];
    }
    simd.select(from[0], from[1], from[2], to, n);
  }

  void write_output(const float* scratch, int64_t begin, int64_t n, size_t o) const {
    const Register& r = registers_[op_.outputs[o]];
    if (r.place == Place::output && r.slot == static_cast<int>(o)) return;
    float* to = call_.outputs[o].as<float>() + begin;
    const float* from = read(r, scratch, begin);
    if (is_number(r))
      std::fill_n(to, n, *from);
    else if (from != to)
      std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float));
  }

  const op::Fused& op_;
  const KernelCall& call_;
  size_t inputs_;
  int slots_ = 0;
  int64_t block_ = kBlock;  // whole rows, if they fit
  std::array<Register, kMaxRegisters> registers_{};
  std::array<bool, kMaxRegisters> free_{};
};

/// Every register in a block of its own is the most a call can need.
int64_t slot_floats(const op::Fused& op, size_t inputs) {
  return static_cast<int64_t>(inputs + op.program.size()) * kBlock;
}

size_t fused_workspace(const SimdTable&, const op::Fused& op, InputTypes in, OutputTypes, int threads) {
  return static_cast<size_t>(slot_floats(op, in.size()) * threads) * sizeof(float);
}

void fused(const SimdTable& simd, const op::Fused& op, const KernelCall& call) {
  const Program program(op, call);
  const int64_t n = op.shape.elements();
  for_blocks(call, divide_up(n, kElementBlock), [&](int64_t slot, int64_t block) {
    float* scratch = static_cast<float*>(call.workspace) + slot * slot_floats(op, call.inputs.size());
    const int64_t end = std::min(n, (block + 1) * kElementBlock);
    program.run(simd, scratch, block * kElementBlock, end);
  });
}

bool fits_f32(const op::Fused& op, InputTypes in, OutputTypes out) {
  return all_f32(op, in, out) && in.size() + op.program.size() <= kMaxRegisters;
}

}  // namespace

void add_fused(KernelTable& table, int isa) {
  table.add<op::Fused>({.run = kernel_for<op::Fused, fused>(isa),
                        .accepts = accepts_typed<op::Fused, fits_f32>,
                        .workspace = workspace_for<op::Fused, fused_workspace>(isa),
                        .in_place = true});
}

}  // namespace trainyard::cpu
