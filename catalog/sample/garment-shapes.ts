import { drawBag } from "./bag.js";
import { drawClosedShoe } from "./closed-shoe.js";
import { drawDress } from "./dress.js";
import { drawFlat } from "./flat.js";
import type { Shape } from "./garment.js";
import { drawHat } from "./hat.js";
import { drawHeel } from "./heel.js";
import { drawJacket } from "./jacket.js";
import { drawShirt } from "./shirt.js";
import { drawSkirt } from "./skirt.js";
import { drawSneaker } from "./sneaker.js";
import { drawPants, drawShorts } from "./trousers.js";
import { drawTshirt } from "./tshirt.js";

/** The shape of each of the 13 categories. */
export const garmentShapes = {
  upperwear_shirt: drawShirt,
  upperwear_tshirt: drawTshirt,
  upperwear_jacket: drawJacket,
  bottomwear_pants: drawPants,
  bottomwear_shorts: drawShorts,
  bottomwear_skirt: drawSkirt,
  "one-piece_dress": drawDress,
  footwear_shoes: drawClosedShoe,
  footwear_sneakers: drawSneaker,
  footwear_heels: drawHeel,
  footwear_flats: drawFlat,
  accessories_bag: drawBag,
  accessories_hat: drawHat,
} as const satisfies Readonly<Record<string, Shape>>;

/** A category that the sample can draw. */
export type SampleCategory = keyof typeof garmentShapes;

/** Every category that the sample can draw, in catalog order. */
export const sampleCategories = Object.keys(garmentShapes) as SampleCategory[];
