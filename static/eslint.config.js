import js from "@eslint/js";
import globals from "globals";

// The state of a draft knows no page.
const withoutBrowser = Object.fromEntries(Object.keys(globals.browser).map((name) => [name, "off"]));

export default [
  { ignores: ["files/", "node_modules/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 15],
      eqeqeq: "error",
      "max-lines": ["error", 250],
      "max-lines-per-function": ["error", { max: 60, skipComments: true }],
      "max-params": ["error", 4],
      "no-shadow": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
  { files: ["src/**"], languageOptions: { globals: globals.browser } },
  { files: ["src/js/draft/{state,text}.js"], languageOptions: { globals: withoutBrowser } },
  { files: ["test/**"], languageOptions: { globals: globals.node } },
];
