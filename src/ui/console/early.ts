/** Runs before the page is first painted: the colours that the reader chose. */
import { applyTheme, readTheme } from "../parts/theme.ts";

applyTheme(readTheme(), document.documentElement);
