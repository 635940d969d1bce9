# The parts that scripts/test adds with --deep. Each returns non-zero when something is wrong.
# shellcheck shell=bash
# shellcheck source=scripts/lib.sh
set -euo pipefail

FUZZ_SECONDS=${TRAINYARD_FUZZ_SECONDS:-60}
TSAN_TESTS=(core_test cpu_agreement_test planned_run_test)

# record PART PASSED FAILED
record() { printf '%d %d\n' "$2" "$3" >>"$REPO/build/test-results/$1/counts"; }

# check PART COMMAND...: one check, counted as one test.
check() {
  local part=$1
  shift
  if "$@"; then
    record "$part" 1 0
  else
    record "$part" 0 1
    return 1
  fi
}

need_clang() {
  need clang++=clang ld.lld=lld '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a=libclang-rt-dev'
}

# What git knows, so that other people's build folders are left alone.
cxx_files() { (cd "$REPO" && git ls-files -- 'engine/*.cc' 'engine/*.h' 'native/*.cc' 'native/*.h' 'wasm/*.cc' 'wasm/*.h' 'tests/*.cc' 'tests/*.h' 'bench/*.cc' 'bench/*.h'); }

# The end-to-end tests that part e2e leaves out.
part_long() {
  need_native
  need_browser
  build_wasm all
  build_site
  run_npm_test long e2e --grep @long
}

part_scripts() {
  need shellcheck=shellcheck
  cd "$REPO"
  check scripts shellcheck -x scripts/lib.sh scripts/deep.sh scripts/toolchain scripts/run scripts/test scripts/lint .ci/run
}

part_format() { check format "$REPO/scripts/lint" --format; }
part_lint() { check lint "$REPO/scripts/lint" --site; }
part_includes() { check includes "$REPO/scripts/lint" --includes; }
part_tidy() { check tidy "$REPO/scripts/lint" --tidy; }

# Benchmarks are built by nobody else; that they still run is what is asked here, not how fast.
part_bench() {
  need_native
  need /usr/include/benchmark/benchmark.h=libbenchmark-dev
  build native net_speed recurrent_speed kernel_bench
  cd "$REPO"
  check bench logged kernel_bench build/native/bench/kernel_bench --threads=2 --benchmark_filter=gemm/256 --benchmark_min_time=0.01
}

part_asan() {
  need_native
  need_clang
  build asan
  export UBSAN_OPTIONS=print_stacktrace=1
  run_ctest asan asan
}

# Only what runs in several threads, and of the instruction sets, which divide their work alike, the first: the rest would be waited for in vain.
part_tsan() {
  need_native
  local known tests=() each
  cd "$REPO"
  logged configure-tsan cmake --preset tsan
  known=$(cmake --build --preset tsan --target help)
  for each in "${TSAN_TESTS[@]}"; do
    if grep -q "^$each: " <<<"$known"; then tests+=("$each"); else warn "tsan: there is no $each"; fi
  done
  build tsan "${tests[@]}"
  run_ctest tsan tsan -L "^($(IFS='|' && printf '%s' "${tests[*]}"))\$" -E '/(avx2|avx512)(_| |$)'
}

# The fuzzers are part of the sanitizers' build. Each runs for a minute, three on two cores. What it found stays in build/fuzz/found.
part_fuzz() {
  need_native
  need_clang
  [[ -f $REPO/tests/fuzz/CMakeLists.txt ]] || { warn "SKIPPED fuzz: this commit has no tests/fuzz"; return 0; }
  build asan fuzzers
  local fuzzer bad=0
  say "Fuzzing each reader for $FUZZ_SECONDS s"
  while IFS= read -r fuzzer; do
    if [[ -f $REPO/build/fuzz/found/$(basename "$fuzzer").ok ]]; then
      record fuzz 1 0
    else
      record fuzz 0 1
      bad=1
      tail -n 40 "$REPO/build/logs/$(basename "$fuzzer").log" >&2
      warn "$(basename "$fuzzer") found something: build/fuzz/found, build/logs/$(basename "$fuzzer").log"
    fi
  done < <(run_fuzzers)
  return "$bad"
}

# Prints the path of each fuzzer when all have ended.
run_fuzzers() {
  mkdir -p "$REPO/build/fuzz/found" "$REPO/build/logs"
  rm -f "$REPO"/build/fuzz/found/*.ok
  find "$REPO/build/asan/fuzz" -maxdepth 1 -type f -perm -u+x | sort >"$REPO/build/fuzz/list"
  export REPO FUZZ_SECONDS
  export -f run_fuzzer
  # shellcheck disable=SC2016 # the inner bash expands it
  xargs -P "$((3 * $(nproc) / 2))" -n 1 bash -c 'run_fuzzer "$1"' run_fuzzer <"$REPO/build/fuzz/list" || true
  cat "$REPO/build/fuzz/list"
}

run_fuzzer() {
  local name corpus seeds
  name=$(basename "$1")
  corpus=$REPO/build/fuzz/corpus/$name
  seeds=$REPO/tests/fuzz/seeds/$name
  mkdir -p "$corpus"
  [[ -d $seeds ]] || seeds=
  "$1" -max_total_time="$FUZZ_SECONDS" -rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=10 -max_len=65536 -verbosity=1 \
    -artifact_prefix="$REPO/build/fuzz/found/$name-" "$corpus" ${seeds:+"$seeds"} >"$REPO/build/logs/$name.log" 2>&1 &&
    touch "$REPO/build/fuzz/found/$name.ok"
}
