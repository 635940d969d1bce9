/** The measured speed of this device, remembered over visits, so that the predicted times are right from the start. */
import { useTraining } from './training';

const key = 'trainyard.macs_per_second';

export function keepCalibration(): void {
  try {
    const stored = Number(localStorage.getItem(key));
    if (Number.isFinite(stored) && stored > 0)
      useTraining.setState({ calibration: { macsPerSecond: stored, measured: true } });
  } catch {
    // Then it is measured anew.
  }
  useTraining.subscribe((state, before) => {
    if (state.calibration === null || state.calibration === before.calibration) return;
    try {
      localStorage.setItem(key, String(state.calibration.macsPerSecond));
    } catch {
      // Only this visit knows it then.
    }
  });
}
