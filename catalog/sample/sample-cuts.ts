import type { Variation } from "./garment.js";
import type { SampleCategory } from "./garment-shapes.js";

/** The numbers that make one cut of a category; what is absent stays the middle. */
type Cut = Partial<Variation>;

const cuts: Readonly<Record<SampleCategory, Readonly<Record<string, Cut>>>> = {
  upperwear_shirt: {
    oxford: { sleeve: 0.7, collar: 0.3, detail: 0.5, style: 0.5 },
    dress: { sleeve: 0.8, collar: 0.6, detail: 0.1, flare: 0.3, style: 0.4 },
    work: { sleeve: 0.7, collar: 0.1, detail: 0.9, style: 0.2, width: 0.8 },
    camp: { sleeve: 0.2, collar: 0.7, detail: 0.5, style: 0.8, flare: 0.8 },
    band: { sleeve: 0.75, collar: 0.9, detail: 0.1, style: 0.5 },
  },
  upperwear_tshirt: {
    crew: { collar: 0.1, sleeve: 0.6, detail: 0.1 },
    pocket: { collar: 0.1, sleeve: 0.7, detail: 0.5, width: 0.7 },
    vee: { collar: 0.3, sleeve: 0.5, detail: 0.1, width: 0.3 },
    scoop: { collar: 0.7, sleeve: 0.35, detail: 0.1, width: 0.2 },
    henley: { collar: 0.9, sleeve: 0.95, detail: 0.1 },
    graphic: { collar: 0.1, sleeve: 0.7, detail: 0.7, width: 0.8 },
    chest: { collar: 0.5, sleeve: 0.7, detail: 0.85, width: 0.6 },
  },
  upperwear_jacket: {
    blazer: { style: 0.1, detail: 0.2, collar: 0.4 },
    double: { style: 0.1, detail: 0.8, collar: 0.3 },
    bomber: { style: 0.3, detail: 0.2 },
    puffer: { style: 0.5, detail: 0.2 },
    hooded: { style: 0.5, detail: 0.8 },
    trucker: { style: 0.7, detail: 0.5 },
    coat: { style: 0.9, detail: 0.2, collar: 0.3, length: 0.6 },
  },
  bottomwear_pants: {
    slim: { style: 0.08, detail: 0.2, length: 0.5 },
    straight: { style: 0.25, detail: 0.2, length: 0.6 },
    pressed: { style: 0.25, detail: 0.8, length: 0.7 },
    wide: { style: 0.42, detail: 0.8, length: 0.8 },
    flared: { style: 0.58, detail: 0.2, length: 0.9 },
    cargo: { style: 0.75, detail: 0.2, length: 0.5 },
    jogger: { style: 0.92, detail: 0.2, length: 0.4 },
  },
  bottomwear_shorts: {
    tailored: { style: 0.12, detail: 0.2, length: 0.6 },
    denim: { style: 0.37, detail: 0.5, length: 0.15 },
    sport: { style: 0.62, detail: 0.2, length: 0.25 },
    cargo: { style: 0.87, detail: 0.2, length: 0.9 },
  },
  bottomwear_skirt: {
    pencil: { style: 0.08, length: 0.6 },
    aline: { style: 0.25, length: 0.5, detail: 0.8 },
    mini: { style: 0.25, length: 0.05, detail: 0.1 },
    pleated: { style: 0.42, length: 0.7 },
    full: { style: 0.58, length: 0.55, detail: 0.8 },
    tiered: { style: 0.75, length: 0.95 },
    buttoned: { style: 0.92, length: 0.4 },
  },
  "one-piece_dress": {
    slip: { sleeve: 0.1, style: 0.8, length: 0.8, flare: 0.2, detail: 0.1 },
    sun: { sleeve: 0.1, style: 0.3, length: 0.7, flare: 0.9, detail: 0.1, collar: 0.4 },
    sheath: { sleeve: 0.4, style: 0.1, length: 0.4, flare: 0.1, detail: 0.3, collar: 0.2 },
    tea: { sleeve: 0.6, style: 0.1, length: 0.6, flare: 0.7, detail: 0.4, collar: 0.3 },
    wrap: { sleeve: 0.6, style: 0.9, length: 0.6, flare: 0.6, detail: 0.6, collar: 0.9 },
    button: { sleeve: 0.6, style: 0.7, length: 0.7, flare: 0.4, detail: 0.9, collar: 0.3 },
    maxi: { sleeve: 0.9, style: 0.9, length: 1, flare: 0.8, detail: 0.6, collar: 0.8 },
    skater: { sleeve: 0.4, style: 0.1, length: 0.05, flare: 1, detail: 0.1, collar: 0.3 },
  },
  footwear_shoes: {
    oxford: { style: 0.08, height: 0.3 },
    loafer: { style: 0.25, height: 0.3 },
    chelsea: { style: 0.42, height: 0.4 },
    monk: { style: 0.58, height: 0.3 },
    boot: { style: 0.75, height: 0.4 },
    brogue: { style: 0.92, height: 0.3 },
  },
  footwear_sneakers: {
    court: { style: 0.15, height: 0.3, detail: 0.4 },
    canvas: { style: 0.15, height: 0.3, detail: 0.6 },
    high: { style: 0.15, height: 0.95, detail: 0.9 },
    runner: { style: 0.5, height: 0.2, detail: 0.1 },
    chunky: { style: 0.85, height: 0.5, detail: 0.3 },
  },
  footwear_heels: {
    pump: { style: 0.1, height: 0.6, width: 0.2, detail: 0.1 },
    stiletto: { style: 0.1, height: 1, width: 0, detail: 0.1 },
    bow: { style: 0.1, height: 0.3, width: 0.3, detail: 0.9 },
    ankle: { style: 0.3, height: 0.7, width: 0.5, detail: 0.1 },
    slingback: { style: 0.5, height: 0.3, width: 0.2, detail: 0.1 },
    mule: { style: 0.7, height: 0.4, width: 0.7, detail: 0.5 },
    sandal: { style: 0.9, height: 0.6, width: 0.9, detail: 0.1 },
  },
  footwear_flats: {
    ballerina: { style: 0.8, detail: 0.1, width: 0.3 },
    pointed: { style: 0.8, detail: 0.4, width: 1, collar: 0.8 },
    maryjane: { style: 0.8, detail: 0.6, width: 0.2 },
    buckle: { style: 0.8, detail: 0.9, width: 0.6 },
    bow: { style: 0.2, detail: 0.1, width: 0.4 },
    skimmer: { style: 0.2, detail: 0.4, width: 0.8 },
    strap: { style: 0.2, detail: 0.6, width: 0.3 },
  },
  accessories_bag: {
    tote: { style: 0.08, detail: 0.2 },
    shopper: { style: 0.08, detail: 0.8, length: 0.9, width: 0.9 },
    handbag: { style: 0.25, detail: 0.8 },
    bowling: { style: 0.25, detail: 0.2 },
    crossbody: { style: 0.42, detail: 0.2, flare: 0.8 },
    chain: { style: 0.42, detail: 0.9, flare: 0.2 },
    bucket: { style: 0.58 },
    backpack: { style: 0.75, detail: 0.8 },
    clutch: { style: 0.92, detail: 0.2, flare: 0.8 },
  },
  accessories_hat: {
    fedora: { style: 0.1, detail: 0.2 },
    cap: { style: 0.3, detail: 0.2 },
    badge: { style: 0.3, detail: 0.8 },
    beanie: { style: 0.5, detail: 0.1 },
    pompon: { style: 0.5, detail: 0.9 },
    bucket: { style: 0.7, detail: 0.2 },
    sun: { style: 0.9, detail: 0.8 },
  },
};

/** The variation of a named cut of a category. @throws Error when the category has no such cut. */
export function toCutVariation(category: SampleCategory, cut: string): Variation {
  const numbers = cuts[category][cut];
  if (numbers === undefined) throw new Error(`${category} has no cut ${cut}`);
  const middle = {
    style: 0.5,
    length: 0.5,
    width: 0.5,
    sleeve: 0.5,
    collar: 0.5,
    flare: 0.5,
    detail: 0.5,
    height: 0.5,
  };
  return { ...middle, pattern: 0.5, ...numbers };
}
