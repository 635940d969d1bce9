"""PyTorch's side of bench/native_peers: images a second of the same nets, asked for line by line, as bench/net_speed.cc does.

A request may also hold "format": "channels_last" for the convolutional nets.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH = int(sys.argv[1]) if len(sys.argv) > 1 else 128
WARM_STEPS = 10


def layers_of(config):
    """nn.Modules of a Keras Sequential model (JSON), without its softmax, and the shape of its input, channels first."""
    entries = config["config"]["layers"]
    source = next(entry for entry in entries if entry["class_name"] == "InputLayer")
    shape = source["config"]["batch_shape"][1:]
    if len(shape) == 3:
        shape = [shape[2], shape[0], shape[1]]
    size = list(shape)
    modules = []
    for entry in entries:
        kind, own = entry["class_name"], entry["config"]
        if kind == "Conv2D":
            kh, kw = own["kernel_size"]
            same = own["padding"] == "same"
            modules.append(nn.Conv2d(size[0], own["filters"], (kh, kw), padding="same" if same else 0))
            size = [own["filters"]] + [n if same else n - k + 1 for n, k in zip(size[1:], (kh, kw))]
        elif kind == "MaxPooling2D":
            modules.append(nn.MaxPool2d(tuple(own["pool_size"])))
            size = [size[0]] + [n // k for n, k in zip(size[1:], own["pool_size"])]
        elif kind == "Flatten":
            modules.append(nn.Flatten())
            size = [size[0] * size[1] * size[2]]
        elif kind == "Dense":
            modules.append(nn.Linear(size[0], own["units"]))
            size = [own["units"]]
        elif kind != "InputLayer":
            raise ValueError(f"the benchmark does not know the layer {kind}")
        if own.get("activation") == "relu":
            modules.append(nn.ReLU())
    return nn.Sequential(*modules), shape


class Net:
    def __init__(self, config, channels_last):
        torch.manual_seed(1)
        self.model, shape = layers_of(config)
        self.x = torch.rand(BATCH, *shape)
        if channels_last and len(shape) == 3:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.contiguous(memory_format=torch.channels_last)
        self.labels = torch.arange(BATCH) % 10
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def train(self):
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.model(self.x), self.labels).backward()
        self.optimizer.step()

    @torch.inference_mode()
    def predict(self):
        F.softmax(self.model(self.x), dim=1)


def rate(step, seconds):
    for _ in range(WARM_STEPS):
        step()
    steps = 0
    begin = time.perf_counter()
    while True:
        step()
        steps += 1
        elapsed = time.perf_counter() - begin
        if elapsed >= seconds:
            return steps * BATCH / elapsed


def main():
    nets = {}
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            last = request.get("format") == "channels_last"
            key = (request["net"], last)
            if key not in nets:
                nets[key] = Net(request["model"], last)
            torch.set_num_threads(request["threads"])
            step = nets[key].train if request["task"] == "train" else nets[key].predict
            answer = {"images_per_second": rate(step, request["seconds"])}
        except Exception as error:  # told to whoever asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
