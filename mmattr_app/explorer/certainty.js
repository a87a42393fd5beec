// Which scores are sure, if the method gives standard errors.

const SURE = 1.64; // standard errors from zero: 90% of the intervals of this width hold the true value
const VERY_SURE = 2.33;

// The standard error of each region's score for the tokens from..to; null without errors. The errors of different tokens are
// correlated (`correlation`, the same for every region), and a share of the score (`relative_error`) is added.
function errorsOf(shown, from, to) {
  return shown.errors ? combined(shown, shown.errors, shown.rows, from, to) : null;
}

const errorsOfOthers = (shown, from, to) => (shown.otherErrors ? combined(shown, shown.otherErrors, shown.otherRows, from, to) : null);

function combined({ correlation, relative_error: off }, errors, rows, from, to) {
  const found = new Float32Array(errors.length);
  errors.forEach((row, region) => {
    let variance = 0;
    for (let s = from; s <= to; s++) {
      let together = 0;
      for (let t = from; t <= to; t++) together += (correlation ? correlation[s][t] : Number(s === t)) * row[t];
      variance += row[s] * together;
    }
    const score = rows[region] ? sumOf(rows[region], from, to) : 0;
    found[region] = Math.sqrt(Math.max(0, variance) + (off * score) ** 2);
  });
  return found;
}

// Whether a region's score is far enough from zero; without errors every score is.
const isSure = (weights, errors, region) => !(errors && Math.abs(weights[region]) < SURE * errors[region]);

// The scores, with 0 where they are not sure.
function surely(weights, errors) {
  return errors ? weights.map((weight, region) => (isSure(weights, errors, region) ? weight : 0)) : weights;
}

const plusMinus = (errors, region) => (errors ? ` ± ${(SURE * errors[region]).toFixed(2)}` : "");
