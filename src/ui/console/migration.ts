/** The page that `migrate run` serves: it makes the element known, and the element does the rest. */
import { FairleadMigration } from "../migration/migration.ts";
import { define } from "../parts/define.ts";

define(FairleadMigration);
