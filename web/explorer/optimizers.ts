// Optimizers in two dimensions, as the lessons write them; Adam as Kingma and Ba (2015)
// do, with β₁ = β and β₂ = γ.

export type Pair = [number, number];

export type Settings = {
  eta: number;
  beta: number;
  gamma: number;
  eps: number;
  x1: number;
  x2: number;
  steps: number;
  rotated: boolean;
};

/** Where a run is: the point, its state s, and the step that led there. */
export type State = { x: Pair; s: Pair; step: Pair };

export const OPTIMIZERS = ["gd", "momentum", "adagrad", "rmsprop", "adam"] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

export function loss([x1, x2]: Pair, rotated: boolean): number {
  return rotated ? 0.1 * (x1 + x2) ** 2 + 2 * (x1 - x2) ** 2 : 0.1 * x1 ** 2 + 2 * x2 ** 2;
}

function gradient([x1, x2]: Pair, rotated: boolean): Pair {
  if (!rotated) return [0.2 * x1, 4 * x2];
  return [0.2 * (x1 + x2) + 4 * (x1 - x2), 0.2 * (x1 + x2) - 4 * (x1 - x2)];
}

/** The states of a run, from the start (0) to the last step. */
export function trace(optimizer: Optimizer, settings: Settings): State[] {
  const { eta, beta, gamma, eps, x1, x2, steps, rotated } = settings;
  const m: Pair = [0, 0];
  const states: State[] = [{ x: [x1, x2], s: [0, 0], step: [0, 0] }];
  for (let t = 1; t <= steps; t++) {
    const { x, s } = states[t - 1];
    const g = gradient(x, rotated);
    const next: State = { x: [0, 0], s: [0, 0], step: [0, 0] };
    for (const i of [0, 1] as const) {
      if (optimizer === "gd") {
        next.step[i] = -eta * g[i];
      } else if (optimizer === "momentum") {
        next.s[i] = beta * s[i] + g[i];
        next.step[i] = -eta * next.s[i];
      } else if (optimizer === "adagrad") {
        next.s[i] = s[i] + g[i] ** 2;
        next.step[i] = (-eta / Math.sqrt(next.s[i] + eps)) * g[i];
      } else {
        next.s[i] = gamma * s[i] + (1 - gamma) * g[i] ** 2;
        if (optimizer === "rmsprop") {
          next.step[i] = (-eta / Math.sqrt(next.s[i] + eps)) * g[i];
        } else {
          m[i] = beta * m[i] + (1 - beta) * g[i];
          const mean = m[i] / (1 - beta ** t);
          const root = Math.sqrt(next.s[i] / (1 - gamma ** t));
          next.step[i] = (-eta * mean) / (root + eps);
        }
      }
      next.x[i] = x[i] + next.step[i];
    }
    states.push(next);
  }
  return states;
}
