import { expect, it } from "vitest";
import { findServerlessProblems } from "../../../deploy/spec-serverless.js";

const gibibyte = 1024 ** 3;

it("an image of 10 GiB and an artifact of 5 GiB are as much as a serverless endpoint takes", () => {
  expect(findServerlessProblems({ imageBytes: 10 * gibibyte, artifactBytes: 5 * gibibyte })).toEqual([]);
  expect(findServerlessProblems({ imageBytes: null, artifactBytes: null })).toEqual([]);
  expect(findServerlessProblems({ imageBytes: 11 * gibibyte, artifactBytes: 5.5 * gibibyte })).toEqual([
    "the image has 11.0 GiB, and serverless endpoints take 10.0 GiB at most",
    "the artifact has 5.5 GiB, and the disk of a serverless endpoint 5.0 GiB",
  ]);
});
