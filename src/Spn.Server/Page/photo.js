// Reading pictures: photos upright and at a size for work, masks as grey values.

const MAX_SIDE = 1600;

// What the server can read; everything else that the browser can read is sent as a JPEG.
const SENT_AS_THEY_ARE = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp'];

/**
 * A photo: a canvas of at most 1600 pixels a side to work on, and two files for the server, of that size and of the full size.
 * @param {Blob} file
 * @param {string} name
 */
export async function readPhoto(file, name) {
  const picture = await decode(file);
  const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
  const canvas = draw(picture, Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)), '#fff');
  const isReadable = SENT_AS_THEY_ARE.includes(file.type);
  const full = isReadable ? file : await toBlob(draw(picture, picture.width, picture.height, '#fff'), 'image/jpeg');
  const work = isReadable && scale === 1 ? file : await toBlob(canvas, 'image/jpeg');
  const { width: fullWidth, height: fullHeight } = picture; // a closed picture has no size
  picture.close();
  return {
    canvas, width: canvas.width, height: canvas.height, fullWidth, fullHeight, full, work,
    name: name.replace(/\.[^.]*$/, '') || 'photo',
  };
}

/**
 * The mask in a file as a canvas of white with alpha: brightness times opacity. Zeros and ones count as black and white. A mask of other
 * proportions than the photo is refused, as the server would.
 * @param {Blob} file
 * @param {{ width: number, height: number, fullWidth: number, fullHeight: number }} photo
 */
export async function readMask(file, { width, height, fullWidth, fullHeight }) {
  const picture = await decode(file);
  if (Math.abs(picture.width * fullHeight - picture.height * fullWidth) > Math.max(fullWidth, fullHeight)) {
    const sizes = `The mask has ${picture.width} x ${picture.height} pixels, the photo ${fullWidth} x ${fullHeight}`;
    picture.close();
    throw new Error(`${sizes}. A mask needs the proportions of its photo.`);
  }
  const canvas = draw(picture, width, height);
  picture.close();
  const context = canvas.getContext('2d');
  const image = context.getImageData(0, 0, width, height), pixels = image.data;
  let max = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    pixels[i + 3] = Math.round((pixels[i] + 2 * pixels[i + 1] + pixels[i + 2]) / 4 * pixels[i + 3] / 255);
    pixels[i] = pixels[i + 1] = pixels[i + 2] = 255;
    max = Math.max(max, pixels[i + 3]);
  }
  for (let i = 3; max === 1 && i < pixels.length; i += 4)
    pixels[i] *= 255;
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The grey values of a picture from the server. */
export async function readGrey(file, width, height) {
  const picture = await decode(file);
  const pixels = draw(picture, width, height).getContext('2d').getImageData(0, 0, width, height).data;
  picture.close();
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++)
    grey[i] = pixels[4 * i];
  return grey;
}

// Browsers limit the size of a canvas; above it there is no blob.
export const toBlob = (canvas, type) => new Promise((resolve, reject) => canvas.toBlob(
  blob => blob ? resolve(blob) : reject(new Error('The picture is too large for this browser.')), type, 0.95));

export function newCanvas(width, height) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

// EXIF orientation is applied, which is the browser's default.
async function decode(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error('This browser cannot read the file as a picture.');
  }
}

function draw(picture, width, height, ground) {
  const canvas = newCanvas(width, height), context = canvas.getContext('2d', { willReadFrequently: true });
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
  }
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}
