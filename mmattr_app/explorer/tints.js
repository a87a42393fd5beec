// How strongly each word of the answer is coloured: by how much it needs the picture; or, while a region or a word of the
// question is pointed at, by how much that one matters to it. After a prediction the latter is not shown, since it would
// show the maps of words that are not predicted yet.

function tintsOf({ shown, selection, beside, scale, state }, units, dark) {
  const region = regionInView(state);
  const other = otherInView(state);
  const row = shown.predicted ? null : other >= 0 ? shown.otherRows[other] : region >= 0 ? shown.rows[region] : null;
  if (row) return tintsByScores(shown, units, row, other >= 0 ? shown.others[other].name : withLowerFirst(calledRegion(shown, region)), dark);
  if (!shown.full || !shown.blank) return units.map(() => ({ share: 0, quiet: false, says: "not measured yet" }));
  const relies = units.map((unit) => relianceOn(shown, unit.from, unit.to));
  const most = Math.max(1, ...relies);
  const owed = scoresOfEarlierWords(shown, beside, scale);
  return units.map((unit, i) => ({ ...tintByReliance(shown, unit, relies[i], most), cause: unit.to < selection.from ? owed(unit) : 0 }));
}

// Colours by the scores of one region or word. All regions have one scale, so a region that matters little colours nothing.
function tintsByScores(shown, units, row, called, dark) {
  const most = scaleOfAnswer(shown, units);
  return units.map((unit) => {
    const score = sumOf(row, unit.from, unit.to);
    const share = Math.abs(score / most) < 0.04 ? 0 : score / most;
    return { share, ground: (dark ? 0.2 : 0.16) + 0.16 * Math.abs(share), quiet: !share, says: `${called}: ${signed(score)} ${shown.unit}` };
  });
}

function tintByReliance(shown, unit, value, most) {
  const away = shown.selection && !shown.selection.includes(unit.from) ? ", not in this map" : "";
  const what = shown.map ? pictureSays(shown) : "what was asked";
  if (value < MATTERS) return { share: 0, quiet: true, says: `hardly needs ${what}${away}` };
  const strength = Math.min(1, value / most);
  return { share: 0.15 + 0.7 * strength, ground: 0.1 + 0.22 * strength, quiet: false, says: `needs ${what}, ${value.toFixed(1)} nats${away}` };
}

// For each earlier word of the answer, its score for the selection, where these words were hidden, too.
function scoresOfEarlierWords(shown, beside, scale) {
  const owed = new Map();
  shown.others.forEach(({ spans }, other) => {
    for (const [part, from, to] of spans) if (part === "own words") for (let token = from; token < to; token++) owed.set(token, beside[other] / scale);
  });
  return (unit) => (Math.abs(owed.get(unit.from) || 0) >= 0.04 ? owed.get(unit.from) : 0);
}
