// The page: connects the controls with the photo, the mask, the view and the server.
import { readGrey, readMask, readPhoto } from './photo.js';
import { CoarseMask } from './mask.js';
import { View } from './view.js';
import { Tools } from './tools.js';
import { Refining } from './refining.js';
import { Zoom } from './zoom.js';
import { Gestures } from './gestures.js';
import { get, getModels, post } from './server.js';

const find = id => document.getElementById(id);
const value = name => document.querySelector(`input[name=${name}]:checked`)?.value;

const HELP = {
  brush: 'Paint over the object, roughly.',
  eraser: 'Wipe away what does not belong to it.',
  polygon: 'Set points around the object; the first one closes it.',
  affinity: 'Click a pixel to see how far a mask there would spread.',
  move: 'Drag the picture. The wheel or two fingers zoom, with every tool.',
};

const view = new View(find('view')), zoom = new Zoom();
let photo = null, mask = null, probe = null, opening = null, summary = '';

const refining = new Refining(() => ({ photo, mask, model: value('model') }), {
  onStart() {
    say('Refining …');
  },
  onEmpty() {
    say(summary = 'Paint over the object, roughly.');
    update();
  },
  onDone(coarse, refined, milliseconds) {
    view.setMasks(coarse, refined);
    const share = (100 * view.changedShare()).toFixed(1);
    summary = `${milliseconds === null ? '' : `Refined in ${Math.round(milliseconds)} ms. `}${share} % of the pixels changed.`;
    say(summary);
    update();
  },
  onProblem: complain,
});

const tools = new Tools(find('view'), {
  get tool() { return value('tool'); },
  get size() { return find('size').value / 1000 * 2 * Math.max(photo.width, photo.height); },
  begin(stroke) {
    mask.begin(stroke);
    changed();
  },
  extend(point) {
    mask.extend(point);
    changed();
  },
  end() {
    mask.end();
    changed(0);
  },
  giveUp() {
    mask.giveUp();
    changed(0);
  },
  undo,
  probe: showAffinity,
  choose(tool) {
    if (!photo)
      return;
    find(`tool-${tool}`).checked = true;
    chooseTool();
  },
  resize(factor) {
    find('size').value = Math.max(2, Math.round(find('size').value * factor));
    redraw();
  },
  zoom: zoomBy,
  reveal(point) {
    zoom.reveal(point);
    redraw();
  },
  update,
  redraw,
});
new Gestures(find('frame'), zoom, { get tool() { return value('tool'); }, giveUp: () => tools.giveUp(), redraw });
view.overlay = context => tools.draw(context);

// What the mask has become shows immediately, and what the server makes of it a little later.
function changed(pause) {
  stopProbe();
  view.setLive(mask.canvas);
  refining.schedule(pause);
  update();
}

let frame = 0;
function redraw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    fit();
    view.draw();
  });
}

/** Brings the picture to its place in the frame. */
function fit() {
  if (!photo)
    return;
  const frame = find('frame'), divider = find('divider');
  const { left, top, width, height } = zoom.place(photo, { width: frame.clientWidth, height: frame.clientHeight });
  place(find('view'), { left, top, width, height });
  divider.hidden = view.split <= 0 || view.split >= 1 || !view.refined || view.affinity !== null;
  place(divider, { left: left + width * view.split - 1, top, height });
  frame.classList.toggle('zoomed', zoom.factor > 1);
  find('zoom-fit').textContent = `${zoom.factor.toFixed(1)}×`;
  find('zoom-fit').disabled = find('zoom-out').disabled = zoom.factor === 1;
}

function place(element, box) {
  for (const [side, pixels] of Object.entries(box))
    element.style[side] = `${pixels}px`;
}

/** Enlarges the picture around the frame's centre; 0 makes it fit. */
function zoomBy(factor) {
  if (factor)
    zoom.by(factor);
  else
    zoom.reset();
  redraw();
}

function update() {
  find('clear').disabled = !mask?.canUndo;
  find('undo').disabled = !mask?.canUndo && !tools.hasCorners;
  find('save-mask').disabled = find('save-cutout').disabled = !view.refined;
  find('legend').hidden = value('look') !== 'change';
  redraw();
}

function say(text) {
  find('status').textContent = text;
  find('status').classList.remove('wrong');
}

function complain(error) {
  find('status').textContent = error.message;
  find('status').classList.add('wrong');
}

async function open(file, name, maskFile) {
  const current = opening = {};
  try {
    const opened = await readPhoto(file, name);
    const loaded = maskFile ? await readMask(maskFile, opened) : null;
    if (opening !== current)
      return; // another photo was chosen meanwhile
    refining.stop();
    tools.reset();
    photo = opened;
    mask = new CoarseMask(photo.width, photo.height);
    view.setPhoto(photo);
    zoom.reset();
    summary = '';
    document.body.dataset.state = 'photo';
    find('mask-file').disabled = false;
    find('credit').hidden = !maskFile;
    if (loaded)
      mask.load(loaded);
    changed(0);
  } catch (error) {
    if (opening === current)
      complain(error);
  }
}

async function openMask(file) {
  const target = mask;
  try {
    target.load(await readMask(file, photo));
    if (mask === target)
      changed(0);
  } catch (error) {
    complain(error);
  }
}

async function openSample() {
  try {
    const [picture, coarse] = await Promise.all(['flamingo.jpg', 'flamingo-coarse.png'].map(get));
    await open(picture, 'flamingo.jpg', coarse);
  } catch (error) {
    complain(error);
  }
}

function undo() {
  if (tools.hasCorners) {
    tools.removeCorner();
    update();
  } else if (mask?.canUndo) {
    mask.undo();
    changed(0);
  }
}

async function showAffinity(point) {
  stopProbe();
  const call = probe = new AbortController();
  say('Looking …');
  try {
    const { picture } = await post('affinity', { image: photo.work, x: point.x, y: point.y, model: value('model') }, call.signal);
    const grey = await readGrey(picture, photo.width, photo.height);
    if (probe !== call)
      return;
    probe = null;
    view.setAffinity(grey);
    say(`Orange: what a mask at (${point.x}, ${point.y}) would reach.`);
    redraw();
  } catch (error) {
    if (probe !== call)
      return;
    probe = null;
    complain(error);
  }
}

function stopProbe() {
  probe?.abort();
  probe = null;
}

/** Saves a picture of the photo's full size, which the server makes now. */
async function save(path, suffix) {
  say('Preparing the file at full size …');
  try {
    const { full, name } = photo, model = value('model');
    const { picture } = await post(path, { image: full, mask: await mask.toPng(), model, values: 'probabilities' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(picture);
    link.download = `${name}-${suffix}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved ${link.download}.`);
  } catch (error) {
    complain(error);
  }
}

function chooseTool() {
  const tool = value('tool');
  find('frame').dataset.tool = tool;
  find('help').textContent = HELP[tool];
  find('size').disabled = tool !== 'brush' && tool !== 'eraser';
  tools.reset();
  hideAffinity();
  update();
}

function hideAffinity() {
  if (probe || view.affinity)
    say(summary);
  stopProbe();
  view.setAffinity(null);
  redraw();
}

/** Offers the models of the server. */
async function listModels() {
  const names = await getModels().catch(() => []); // then the server uses its default
  find('models').hidden = names.length < 2;
  find('models').querySelector('.choice').replaceChildren(...names.flatMap((name, i) => {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'model', id: `model-${name}`, value: name });
    const label = Object.assign(document.createElement('label'), { htmlFor: input.id, textContent: name[0].toUpperCase() + name.slice(1) });
    input.checked = i === 0;
    return [input, label];
  }));
}

function onFile(id, use) {
  find(id).addEventListener('change', event => {
    const [file] = event.target.files;
    event.target.value = '';
    if (file)
      use(file);
  });
}

onFile('photo-file', file => open(file, file.name));
onFile('mask-file', openMask);
find('sample').addEventListener('click', openSample);
find('undo').addEventListener('click', undo);
find('clear').addEventListener('click', () => {
  mask.clear();
  changed(0);
});
find('save-mask').addEventListener('click', () => save('refine', 'mask'));
find('save-cutout').addEventListener('click', () => save('cutout', 'cutout'));
find('zoom-in').addEventListener('click', () => zoomBy(1.5));
find('zoom-out').addEventListener('click', () => zoomBy(1 / 1.5));
find('zoom-fit').addEventListener('click', () => zoomBy(0));
find('split').addEventListener('input', event => {
  view.split = event.target.value / 100;
  redraw();
});
find('panel').addEventListener('submit', event => event.preventDefault());
find('panel').addEventListener('change', event => {
  if (event.target.name === 'tool') {
    chooseTool();
  } else if (event.target.name === 'look') {
    view.look = value('look');
    hideAffinity();
    update();
  } else if (event.target.name === 'model' && mask) {
    changed(0);
  }
});
for (const [type, isOver] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(type, event => {
    event.preventDefault();
    document.body.classList.toggle('over', isOver);
    const file = event.dataTransfer?.files[0];
    if (type === 'drop' && file)
      open(file, file.name);
  });
}
new ResizeObserver(redraw).observe(find('frame'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => mask && changed(0));
chooseTool();
listModels();
