/** How long an epoch will take, before the first one has been seen. */

/** Multiply-accumulates per second that training reaches on this device, all threads together. */
export interface Calibration {
  macsPerSecond: number;
  measured: boolean;
}

/** Forward, gradient by input and gradient by weight are each about the forward's work. */
const passes = 3;
/** A modest phone core; replaced by what the first training measures. */
const guessPerThread = 5e9;
const overheadMacs = 60_000;

export function guess(threads: number): Calibration {
  return { macsPerSecond: guessPerThread * Math.max(1, threads), measured: false };
}

export function epochSeconds(macs: number, samples: number, calibration: Calibration): number {
  return ((macs + overheadMacs) * passes * samples) / calibration.macsPerSecond;
}

export function calibrate(macs: number, samplesPerSecond: number): Calibration {
  return { macsPerSecond: (macs + overheadMacs) * passes * samplesPerSecond, measured: true };
}
