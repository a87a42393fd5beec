"""The explorer as a Gradio component: a message in, the selected tokens out."""

from typing import Any

from mmattr_app import explorer
from mmattr_app.ui.component import Component

# Gradio runs this as a function of the element, its events and its value. Nothing of the value passes through the
# templates: they would run what stands in `${...}`.
ON_LOAD = """
%s
const mounted = mountExplorer(element, {
  onSelect: (tokens) => trigger('select', { tokens }),
  onDraw: (shapes) => trigger('draw', { shapes }),
  onEdit: (what, regions) => trigger('edit', { what, regions }),
  onSharpen: (tokens) => trigger('sharpen', { tokens }),
  onContrast: (what) => trigger('contrast', what),
  onUnsharpen: () => trigger('unsharpen', {}),
  onMeasure: (tokens) => trigger('measure', { tokens }),
  onCompare: (tokens) => trigger('compare', { tokens }),
  onPrice: () => trigger('price', {}),
  onCompareMethods: (tokens, methods) => trigger('compare_methods', { tokens, methods }),
  onOffer: () => trigger('offer', {}),
  plotly: 'plotly.min.js', // what draws charts, loaded where there are any
  onStop: () => trigger('stop', {}),
  onRecut: () => trigger('recut', {}),
  onBack: () => trigger('back', {}),
  onSeen: (facts) => document.dispatchEvent(new CustomEvent('mmattr-seen', { detail: facts })),
  onLesson: () => document.dispatchEvent(new CustomEvent('mmattr-lesson')),
  onAdvise: () => trigger('advise', {}),
  onModels: () => {
    document.querySelector('#model')?.scrollIntoView({ block: 'center' });
    document.querySelector('#model input')?.focus(); // which opens the list
  },
});
document.addEventListener('mmattr-predict', (event) => mounted.predictFirst(event.detail));
const address = new URLSearchParams(location.search);
const linked = /^([0-9]+)-([0-9]+)$/.exec(address.get('words') || '');
const asked = address.get('result');
const embedded = address.get('embed') === '1'; // no form to go on with
let newest = 0;
let drew = false;
let opened = false; // the words and the tab that a link names
let shown = ''; // the result on show, or what was asked
const sync = () => {
  const message = props.value;
  // When a follower ends, Gradio sends its last message once more, which may be about an older picture.
  if ((message.serial || newest) < newest) return;
  newest = message.serial || newest;
  if (message.job) sessionStorage.setItem('mmattr-job', message.job);
  else if (message.state === 'done') sessionStorage.removeItem('mmattr-job'); // an example: nothing to come back to
  mounted.update(embedded ? { ...message, live: false } : message);
  if (asked && asked === message.job && message.pieces.length && !opened) {
    if (linked) mounted.select(Number(linked[1]), Number(linked[2]));
    mounted.open(address.get('tab'));
    opened = true;
  }
  // Whoever asks, draws or takes another result should see what happens. On a phone the stage lies below the question.
  const named = message.job || message.example || message.prompt;
  const another = shown && message.state === 'done' && named !== shown;
  const called = message.state === 'queued' || (message.drawing && !drew) || another || message.begins;
  const above = element.getBoundingClientRect().top < 0;
  if (called && (innerWidth <= 720 || above)) element.scrollIntoView({ block: 'start' });
  drew = Boolean(message.drawing);
  if (message.state === 'done' || message.state === 'queued') shown = named;
};
watch('value', sync);
sync();
"""


class Explorer(Component):
    """Shows `explorer.message(view)`; its events carry what a person did.

    `select`: {"tokens": [...]}, the indices that are selected. `draw`: {"shapes": [...]}, all shapes, in fractions of
    the picture. `edit`: {"what": "split", "merge" or "undo", "regions": [...]}, counted from 0.
    `sharpen`, `measure` and `compare` (with another occluder): {"tokens": [...]}. `contrast`: {"tokens": [...], "text":
    "..."}. `compare_methods`: {"tokens": [...], "methods": ["ablation", ...]}. `price` (what measuring and comparing
    cost), `offer` (what a map by each method costs), `stop` (what runs), `unsharpen`, `recut` (to the regions),
    `back` (to the result) and `advise` (ask again with the method that finds what no single region carries) carry
    nothing.
    """

    holds = "a message that mmattr_app.explorer.view makes"
    empty = explorer.message(explorer.View("empty"))  # the welcome

    def __init__(self, value: dict[str, Any] | None = None, **settings: Any) -> None:
        """Take what any component takes, such as `elem_id`; the templates and the script are its own."""
        super().__init__(
            value,
            html_template=explorer.html(),
            css_template=explorer.css(),
            js_on_load=ON_LOAD % explorer.js(),
            apply_default_css=False,
            **settings,
        )
