// How strongly to tint each piece of the answer: by what it needs, or, with a region or a word in view, by what that does
// (which a person who predicts has not seen yet of the other words).

function tintsOf({ shown, selection, beside, scale, state }, units, dark) {
  const region = regionInView(state);
  const other = otherInView(state);
  const row = shown.predicted ? null : other >= 0 ? shown.otherRows[other] : region >= 0 ? shown.rows[region] : null;
  if (row) return effects(shown, units, row, other >= 0 ? shown.others[other].name : lowered(calledRegion(shown, region)), dark);
  if (!shown.full || !shown.blank) return units.map(() => ({ share: 0, quiet: false, says: "not measured yet" }));
  const relies = units.map((unit) => relianceOn(shown, unit.from, unit.to));
  const most = Math.max(1, ...relies);
  const owed = owedTo(shown, beside, scale);
  return units.map((unit, i) => ({ ...need(shown, unit, relies[i], most), cause: unit.to < selection.from ? owed(unit) : 0 }));
}

// What one region or word does to each piece; one scale for all regions: an empty one lights no word.
function effects(shown, units, row, called, dark) {
  const most = scaleOfAnswer(shown, units);
  return units.map((unit) => {
    const score = sumOf(row, unit.from, unit.to);
    const share = Math.abs(score / most) < 0.04 ? 0 : score / most;
    return { share, ground: (dark ? 0.2 : 0.16) + 0.16 * Math.abs(share), quiet: !share, says: `${called}: ${signed(score)} ${shown.unit}` };
  });
}

function need(shown, unit, value, most) {
  const away = shown.selection && !shown.selection.includes(unit.from) ? ", not in this map" : "";
  const what = shown.map ? pictureSays(shown) : "what was asked";
  if (value < MATTERS) return { share: 0, quiet: true, says: `hardly needs ${what}${away}` };
  const strength = Math.min(1, value / most);
  return { share: 0.15 + 0.7 * strength, ground: 0.1 + 0.22 * strength, quiet: false, says: `needs ${what}, ${value.toFixed(1)} nats${away}` };
}

// How much the selection owes to an earlier word of the answer, where these were hidden, too.
function owedTo(shown, beside, scale) {
  const owed = new Map();
  shown.others.forEach(({ spans }, other) => {
    for (const [part, from, to] of spans) if (part === "own words") for (let token = from; token < to; token++) owed.set(token, beside[other] / scale);
  });
  return (unit) => (Math.abs(owed.get(unit.from) || 0) >= 0.04 ? owed.get(unit.from) : 0);
}
