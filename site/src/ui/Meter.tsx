/** A progress bar; without a fraction it only says that something is going on. */
export function Meter({ label, fraction }: { label: string; fraction: number | null }) {
  const known = fraction !== null;
  const value = known ? { 'aria-valuenow': Math.round(fraction * 100) } : {};
  return (
    <div
      className={known ? 'meter' : 'meter unknown'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...value}
    >
      <span style={known ? { transform: `scaleX(${Math.min(1, Math.max(0, fraction))})` } : undefined} />
    </div>
  );
}
