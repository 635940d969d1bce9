// The engine's face in WebAssembly: JSON texts and typed arrays in, the same out, and no logic. What the texts mean is in
// wasm/client/types.ts and engine/api/workbench.h.
#include <emscripten/bind.h>
#include <emscripten/heap.h>
#include <emscripten/val.h>

#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "engine/api/schema.h"
#include "engine/api/session_factory.h"
#include "engine/api/workbench.h"
#include "engine/io/json_reader.h"

namespace {

using emscripten::val;
using trainyard::Answer;
using trainyard::Json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A copy of a tensor's memory as a typed array: views of wasm memory would die when it grows.
val array_of(const trainyard::Tensor& tensor) {
  const auto values = tensor.span<float>();
  return val(emscripten::typed_memory_view(values.size(), values.data())).call<val>("slice");
}

val failure(const char* kind, const std::string& message, const Json& diagnostics = Json::array()) {
  val result = val::object();
  result.set("error", text_of({{"kind", kind}, {"message", message}, {"diagnostics", diagnostics}}));
  return result;
}

val success(const Answer& answer) {
  val tensors = val::array();
  for (const trainyard::Tensor& tensor : answer.tensors) tensors.call<void>("push", array_of(tensor));
  val result = val::object();
  result.set("json", text_of(answer.json));
  result.set("tensors", tensors);
  return result;
}

val file_of(const std::vector<uint8_t>& bytes) {
  val result = val::object();
  result.set("json", "null");
  result.set("bytes", val(emscripten::typed_memory_view(bytes.size(), bytes.data())).call<val>("slice"));
  return result;
}

/// Runs `body`; whatever it throws becomes {error}. Nothing may leave as a C++ exception.
template <typename Body>
val guarded(Body body) {
  try {
    return body();
  } catch (const trainyard::UserError& error) {
    Json diagnostics = Json::array();
    bool memory = false;
    for (const auto& item : error.diagnostics().items()) {
      diagnostics.push_back(trainyard::to_json(item));
      memory |= item.code == "memory.exhausted";
    }
    return failure(memory ? "out_of_memory" : "invalid", error.what(), diagnostics);
  } catch (const std::bad_alloc&) {
    return failure("out_of_memory", "There is not enough memory for this. What was there before is unchanged.");
  } catch (const std::exception& error) {
    return failure("crashed", error.what());
  }
}

/// A copy, whose memory nothing else was written to before.
struct Bytes {
  explicit Bytes(const val& array)
      : size(array["length"].as<size_t>()), data(std::make_unique_for_overwrite<uint8_t[]>(size)) {
    val(emscripten::typed_memory_view(size, data.get())).call<void>("set", array);
  }
  std::span<const uint8_t> span() const { return {data.get(), size}; }

  size_t size;
  std::unique_ptr<uint8_t[]> data;
};

/// `kept`: a tensor of that shape whose memory may be used again, or another one.
trainyard::Tensor tensor_of(const val& values, const trainyard::Shape& shape, const trainyard::Tensor& kept = {}) {
  const auto count = values["length"].as<size_t>();
  if (!shape.is_known() || static_cast<int64_t>(count) != shape.elements())
    throw trainyard::UserError("argument.type", "values",
                               {{"expected", "as many values as the shape says"}, {"value", std::to_string(count)}});
  const bool fits = !kept.empty() && kept.shape() == shape;
  const trainyard::Tensor tensor = fits ? kept : trainyard::Tensor(trainyard::DType::f32, shape);
  val(emscripten::typed_memory_view(count, tensor.span<float>().data())).call<void>("set", values);
  return tensor;
}

constexpr size_t kMostKeptBytes = size_t{1} << 22;

class Engine {
 public:
  explicit Engine(int threads)
      : workbench_(trainyard::make_device({.backend = "cpu", .threads = threads}), emscripten_get_heap_max()) {}

  /// Commands that take and give JSON only.
  val call(const std::string& command, const std::string& request) {
    return guarded([&] { return success({run(command, trainyard::read_json(request, command)), {}}); });
  }

  val samples(const std::string& request) {
    return guarded([&] { return success(workbench_.samples(trainyard::read_json(request, "samples"))); });
  }

  /// names: array of strings; files: array of Uint8Array.
  val load_data(const std::string& request, const val& names, const val& files) {
    return guarded([&] {
      std::vector<Bytes> bytes;
      std::vector<trainyard::NamedBytes> views;
      const auto count = files["length"].as<unsigned>();
      for (unsigned i = 0; i < count; ++i) bytes.emplace_back(files[i]);
      for (unsigned i = 0; i < count; ++i) views.push_back({names[i].as<std::string>(), bytes[i].span()});
      return success({workbench_.load_data(trainyard::read_json(request, "data"), views), {}});
    });
  }

  val predict(const std::string& shapes, const val& values) {
    return guarded([&] {
      const Json list = trainyard::read_json(shapes, "inputs");
      inputs_.resize(list.size());
      for (unsigned i = 0; i < list.size(); ++i)
        inputs_[i] = tensor_of(values[i], trainyard::Shape(list[i].get<std::vector<int64_t>>()), inputs_[i]);
      const val answer = success(workbench_.predict(inputs_));
      std::erase_if(inputs_, [](const trainyard::Tensor& tensor) { return tensor.bytes() > kMostKeptBytes; });
      return answer;
    });
  }

  val predict_texts(const std::string& request) {
    return guarded([&] { return success(workbench_.predict_texts(trainyard::read_json(request, "texts"))); });
  }

  val predict_drawing(int width, int height, const val& values) {
    return guarded([&] { return success(workbench_.predict_drawing(tensor_of(values, {height, width}))); });
  }

  val open(const val& file) {
    return guarded([&] { return success({workbench_.open(Bytes(file).span()), {}}); });
  }

  val save() {
    return guarded([&] { return file_of(workbench_.save()); });
  }

  /// A file that a callback has written.
  val written(const std::string& path) {
    return guarded([&] { return file_of(workbench_.written(path)); });
  }

 private:
  Json run(const std::string& command, const Json& request) {
    if (command == "info") return workbench_.info();
    if (command == "schema") return trainyard::schema_json();
    if (command == "diagnose") return workbench_.diagnose(request);
    if (command == "normalize") return workbench_.normalize(request);
    if (command == "template") return workbench_.builtin(request.get<std::string>());
    if (command == "load_model") return workbench_.load_model(request);
    if (command == "adapt") return workbench_.adapt();
    if (command == "begin_fit") return workbench_.begin_fit(request);
    if (command == "train_for") return workbench_.train_for(request.get<double>());
    if (command == "fit_result") return workbench_.fit_result();
    if (command == "evaluate") return workbench_.evaluate(request);
    if (command == "profile") return workbench_.profile(request.get<bool>());
    if (command == "memory") {
      Json memory = workbench_.memory();
      memory["wasm_bytes"] = emscripten_get_heap_size();
      return memory;
    }
    throw trainyard::UserError("argument.choice", "command",
                               {{"choices", "the commands of types.ts"}, {"value", command}});
  }

  trainyard::Workbench workbench_;
  std::vector<trainyard::Tensor> inputs_;  // of the last prediction: the next one is often as large
};

}  // namespace

EMSCRIPTEN_BINDINGS(trainyard) {
  emscripten::class_<Engine>("Engine")
      .constructor<int>()
      .function("call", &Engine::call)
      .function("samples", &Engine::samples)
      .function("loadData", &Engine::load_data)
      .function("predict", &Engine::predict)
      .function("predictTexts", &Engine::predict_texts)
      .function("predictDrawing", &Engine::predict_drawing)
      .function("open", &Engine::open)
      .function("save", &Engine::save)
      .function("written", &Engine::written);
}
