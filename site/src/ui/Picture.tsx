/** A small picture from values 0..1 (row major, one or three channels), drawn pixel by pixel. */
import { useEffect, useRef } from 'react';

interface Props {
  values: Float32Array;
  width: number;
  height: number;
  channels?: number;
  label: string;
  className?: string;
}

function paint(canvas: HTMLCanvasElement, { values, width, height, channels = 1 }: Props): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const high = values.reduce((most, value) => Math.max(most, value), low === 0 ? 1 : low);
  const range = high - low || 1;
  for (let i = 0; i < width * height; i += 1) {
    for (let c = 0; c < 3; c += 1) {
      const value = values[i * channels + (channels >= 3 ? c : 0)] ?? 0;
      image.data[i * 4 + c] = Math.round((255 * (value - low)) / range);
    }
    image.data[i * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export function Picture(props: Props) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (ref.current) paint(ref.current, props);
  });
  return (
    <canvas
      ref={ref}
      className={props.className ?? 'picture'}
      width={props.width}
      height={props.height}
      role="img"
      aria-label={props.label}
    />
  );
}
