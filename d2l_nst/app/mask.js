// The photograph, to draw a mask upon: what is drawn white is painted.
// `element`, `props`, `trigger` and `watch` are Gradio's. Whenever a stroke
// ends, the value is the mask as the address of a PNG; '' where there is none.
const LONGEST = 720;
const canvas = element.querySelector('canvas');
const img = element.querySelector('img');
const brush = element.querySelector('input[type=range]');
const rubber = element.querySelector('.nst-rubber');
const mask = document.createElement('canvas');
let last = null, erase = false;

function fit() {
  const scale = Math.min(1, LONGEST / Math.max(img.naturalWidth,
                                               img.naturalHeight));
  rubber.checked = false;
  for (const each of [canvas, mask]) {
    each.width = Math.max(1, Math.round(img.naturalWidth * scale));
    each.height = Math.max(1, Math.round(img.naturalHeight * scale));
  }
  tell(false);
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width,
          (event.clientY - box.top) * canvas.height / box.height];
}

function draw(event) {
  const here = place(event);
  const box = canvas.getBoundingClientRect();
  const pen = mask.getContext('2d');
  pen.lineWidth = brush.value * mask.width / box.width;
  pen.lineCap = pen.lineJoin = 'round';
  pen.strokeStyle = '#fff';
  pen.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
  pen.beginPath();
  pen.moveTo(...(last || here));
  pen.lineTo(...here);
  pen.stroke();
  show();
  last = here;
}

// One even tint, however often a place was drawn upon
function show() {
  const pen = canvas.getContext('2d');
  pen.globalCompositeOperation = 'source-over';
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(mask, 0, 0);
  pen.globalCompositeOperation = 'source-in';
  pen.fillStyle = '#f9731699';
  pen.fillRect(0, 0, canvas.width, canvas.height);
}

// Whether more is left of what was drawn than a pale edge
function any() {
  const {data} = mask.getContext('2d').getImageData(0, 0, mask.width,
                                                    mask.height);
  return data.some((value, i) => i % 4 === 3 && value > 99);
}

function tell(drawn) {
  let value = '';
  if (drawn) {
    const whole = document.createElement('canvas');
    [whole.width, whole.height] = [mask.width, mask.height];
    const pen = whole.getContext('2d');
    pen.fillRect(0, 0, whole.width, whole.height);
    pen.drawImage(mask, 0, 0);
    value = whole.toDataURL('image/png');
  }
  element.querySelector('.nst-clear').disabled = !drawn;
  props.value = value;
}

canvas.addEventListener('pointerdown', event => {
  canvas.setPointerCapture(event.pointerId);
  erase = rubber.checked || event.shiftKey || event.button === 2;
  last = null;
  draw(event);
  event.preventDefault();
});
canvas.addEventListener('pointermove', event => {
  if (canvas.hasPointerCapture(event.pointerId)) draw(event);
});
for (const end of ['pointerup', 'pointercancel'])
  canvas.addEventListener(end, () => tell(any()));
canvas.addEventListener('contextmenu', event => event.preventDefault());
element.querySelector('.nst-clear').addEventListener('click', fit);
img.addEventListener('load', fit);
const put = () => { img.src = props.photo || ''; };
watch('photo', put);
put();
