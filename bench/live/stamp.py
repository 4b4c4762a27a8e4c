"""The moment at which a picture was drawn, drawn into it: twenty blocks that outlive any encoder, and their reading in a browser.

The wall clock in milliseconds, its low twenty bits, the highest first. Machine and browser have one clock.
"""

import time
from typing import Final

from device.camera.frames import Bytes2D

BITS: Final = 20
BLOCK_PX: Final = 32
BRIGHT: Final = 235
DARK: Final = 16
NEUTRAL: Final = 128

# Resolves after `seconds` with each picture's delay, in ms, when it could first be read back, and the pauses between them.
READ = f"""async ([selector, seconds]) => {{
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [{BITS * BLOCK_PX}, {BLOCK_PX}];
  const drawing = canvas.getContext("2d", {{ willReadFrequently: true }});
  const now = () => performance.timeOrigin + performance.now();
  const delays = [], end = performance.now() + 1000 * seconds;
  let [last, seenAt, pauses] = [-1, performance.now(), []];
  while (performance.now() < end) {{
    await new Promise(requestAnimationFrame);
    const picture = document.querySelector(selector);
    if (!picture || !(picture.videoWidth || picture.naturalWidth)) continue;
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    const {{ data }} = drawing.getImageData(0, {BLOCK_PX // 2}, canvas.width, 1);
    let stamp = 0;
    for (let bit = 0; bit < {BITS}; bit += 1)
      stamp = 2 * stamp + (data[4 * ({BLOCK_PX} * bit + {BLOCK_PX // 2})] > 128 ? 1 : 0);
    if (stamp === last) continue;
    const delay = (Math.round(now()) - stamp) & {(1 << BITS) - 1};
    if (last >= 0 && delay < 60_000) delays.push(delay);
    pauses.push(performance.now() - seenAt);
    [last, seenAt] = [stamp, performance.now()];
  }}
  return {{ delays, pauses: pauses.slice(1) }};
}}"""


def put(i420: Bytes2D) -> None:
    """Draw this moment into the left upper corner of a picture."""
    height_px = i420.shape[0] * 2 // 3
    stamp = time.time_ns() // 1_000_000
    for bit in range(BITS):
        is_set = stamp >> (BITS - 1 - bit) & 1
        i420[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = BRIGHT if is_set else DARK
    # Both chroma planes lie below, half as wide: two of their rows in one of these.
    rows, half = BLOCK_PX // 4, BITS * BLOCK_PX // 2
    width_px = i420.shape[1]
    for plane in (height_px, height_px + height_px // 4):
        for left in (0, width_px // 2):
            i420[plane : plane + rows, left : left + half] = NEUTRAL
