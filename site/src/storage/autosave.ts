/** The last project, kept without being asked: the document after every change, the weights after every training. */
import { create } from "zustand";
import { useProject } from "../state/project";
import { engineOrNull } from "../engine/session";
import { indexedDbStore, readBytes, writeBytes } from "./indexedDb";
import { readNewest, writeNext } from "./slots";
import { readProject, writeProject } from "./projectFile";
import type { Doc } from "../graph/types";

export const useSaving = create<{ state: "saved" | "saving" | "failed" }>(() => ({ state: "saved" }));

const slotName = "project";
const weightsKey = "weights";
const delayMs = 400;

export const lastProject = (): Promise<Doc | null> => readNewest(indexedDbStore, slotName, readProject).catch(() => null);
export const lastWeights = (): Promise<Uint8Array | null> => readBytes(weightsKey).catch(() => null);

async function save(): Promise<void> {
  useSaving.setState({ state: "saving" });
  try {
    await writeNext(indexedDbStore, slotName, writeProject(useProject.getState().doc));
    useSaving.setState({ state: "saved" });
  } catch {
    useSaving.setState({ state: "failed" });
  }
}

/** The trained model file as the engine writes it. Its failure costs only convenience: training can be done again, files can be saved. */
export async function saveWeights(): Promise<void> {
  const bytes = await engineOrNull()?.save().catch(() => null);
  if (bytes) await writeBytes(weightsKey, bytes).catch(() => useSaving.setState({ state: "failed" }));
}

export const forgetWeights = (): Promise<void> => writeBytes(weightsKey, null).catch(() => undefined);

export function watchProject(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void save();
  };
  useProject.subscribe((state, before) => {
    if (state.revision === before.revision || !state.loaded) return;
    clearTimeout(timer);
    timer = setTimeout(flush, delayMs);
  });
  document.addEventListener("visibilitychange", flush);
  window.addEventListener("pagehide", flush);
}
