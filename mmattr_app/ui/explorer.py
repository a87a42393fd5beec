"""The explorer as a Gradio component: its value is a message to draw, its events say what a person did."""

from typing import Any

from mmattr_app import explorer
from mmattr_app.ui.component import Component

# Gradio runs this script with the component's element, its events and its value. The value never goes through Gradio's
# templates, which would run what stands in `${...}` as code.
ON_LOAD = """
%s
const mounted = mountExplorer(element, {
  onSelect: (tokens) => trigger('select', { tokens }),
  onDraw: (shapes) => trigger('draw', { shapes }),
  onEdit: (what, regions, picture) => trigger('edit', { what, regions, picture }),
  onSharpen: (tokens) => trigger('sharpen', { tokens }),
  onContrast: (what) => trigger('contrast', what),
  onUnsharpen: () => trigger('unsharpen', {}),
  onMeasure: (tokens) => trigger('measure', { tokens }),
  onCompare: (tokens) => trigger('compare', { tokens }),
  onPrice: () => trigger('price', {}),
  onCompareMethods: (tokens, methods) => trigger('compare_methods', { tokens, methods }),
  onOffer: () => trigger('offer', {}),
  plotly: 'plotly.min.js', // the script that draws charts; loaded only when there is a chart
  onStop: () => trigger('stop', {}),
  onRecut: () => trigger('recut', {}),
  onBack: () => trigger('back', {}),
  onSeen: (facts) => document.dispatchEvent(new CustomEvent('mmattr-seen', { detail: facts })),
  onLesson: () => document.dispatchEvent(new CustomEvent('mmattr-lesson')),
  onAdvise: () => trigger('advise', {}),
  onModels: () => {
    document.querySelector('#model')?.scrollIntoView({ block: 'center' });
    document.querySelector('#model input')?.focus(); // the focus opens the list
  },
});
document.addEventListener('mmattr-predict', (event) => mounted.predictFirst(event.detail));
const address = new URLSearchParams(location.search);
const linked = /^([0-9]+)-([0-9]+)$/.exec(address.get('words') || '');
const asked = address.get('result');
const embedded = address.get('embed') === '1'; // then there is no form, so nothing that needs it is offered
let newest = 0;
let storage = null;
try {
  storage = sessionStorage;
} catch {
  // in a frame of another site the browser may allow none
}
let drew = false;
let opened = false; // whether the words and the tab of the link were selected already
let shown = ''; // the name of the result on show, or its question
const sync = () => {
  const message = props.value;
  // When an event ends, Gradio sends its last message again, which may be about an older picture.
  if ((message.serial || newest) < newest) return;
  newest = message.serial || newest;
  if (message.job) storage?.setItem('mmattr-job', message.job);
  else if (message.state === 'done') storage?.removeItem('mmattr-job'); // an example has no job
  mounted.update(embedded ? { ...message, live: false } : message);
  if (asked && asked === message.job && message.pieces.length && !opened) {
    if (linked) mounted.select(Number(linked[1]), Number(linked[2]));
    mounted.open(address.get('tab'));
    opened = true;
  }
  // Scroll to the explorer when somebody asks, draws or opens another result. On a phone it lies below the question.
  const named = message.job || message.example || message.prompt;
  const another = shown && message.state === 'done' && named !== shown;
  const called = message.state === 'queued' || (message.drawing && !drew) || another || message.begins;
  // The layout is asked for only then, since it would have to be made once more after the next change.
  const above = () => element.getBoundingClientRect().top < 0;
  if (called && (innerWidth <= 720 || above())) element.scrollIntoView({ block: 'start' });
  drew = Boolean(message.drawing);
  if (message.state === 'done' || message.state === 'queued') shown = named;
};
watch('value', sync);
sync();
"""


class Explorer(Component):
    """Shows the message of a view; its events say what a person did, with these data.

    - `select`: {"tokens": [...]}, the numbers of the selected tokens, from 0.
    - `draw`: {"shapes": [[...], ...]}, a list of shapes for each picture, in fractions of it.
    - `edit`: {"what": "split", "merge" or "undo", "picture": 0, "regions": [...]}, regions of one picture; both are
      counted from 0.
    - `sharpen`, `measure` and `compare` (with another occluder): {"tokens": [...]}.
    - `contrast`: {"tokens": [...], "text": "..."}.
    - `compare_methods`: {"tokens": [...], "methods": ["ablation", ...]}.
    - without data: `price` (ask what the checks of a map cost), `offer` (ask what a map by each method costs), `stop`
      (the job that runs), `unsharpen`, `recut` (show the regions), `back` (show the result), `advise` (ask again with
      the usual method).
    """

    holds = "a message that mmattr_app.explorer.view makes"
    empty = explorer.message(explorer.View("empty"))  # the welcome

    def __init__(self, value: dict[str, Any] | None = None, **settings: Any) -> None:
        """Take the settings of any component, such as `elem_id`."""
        super().__init__(
            value,
            html_template=explorer.html(),
            css_template=explorer.css(),
            js_on_load=ON_LOAD % explorer.js(),
            apply_default_css=False,
            **settings,
        )
