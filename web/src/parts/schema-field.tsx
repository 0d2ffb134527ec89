import { useId, useRef, useState } from "react";
import { choicesOf, isObject, type Json, type JsonObject, labelOf, type Schema, variantsOf } from "../schema.ts";
import { type FieldProps, Labelled } from "./labelled.tsx";
import { TargetField, TargetsField } from "./target-field.tsx";

/** From so many characters on, a text has more than one line. */
const LONG = 2_500;

/** A field of the API, as its description has it. */
export function SchemaField(props: FieldProps) {
  const { schema } = props;
  if (schema.const !== undefined) return null;
  if (choicesOf(schema) !== undefined) return <Choice {...props} />;
  if (schema.format === "uuid") return <TargetField {...props} />;
  if (schema.type === "array" && schema.items?.format === "uuid") return <TargetsField {...props} />;
  if (schema.type === "boolean") return <Tick {...props} />;
  if (schema.type === "array" && variantsOf(schema.items ?? {}, "kind").size > 0) return <Variants {...props} />;
  if (schema.type === "array" && schema.items?.properties !== undefined) return <Objects {...props} />;
  if (schema.type === "array") return <Lines {...props} />;
  if (schema.properties !== undefined) return <Inner {...props} />;
  if (schema.type === "object") return <Pairs {...props} />;
  return <Text {...props} />;
}

function Text(props: FieldProps) {
  const { schema, value, onChange } = props;
  const isNumber = schema.type === "integer" || schema.type === "number";
  const isAny = schema.type === undefined;
  // A text that reads like a number is shown as the text it is.
  const isPlain = !isAny || (typeof value === "string" && typeof read(value) === "string");
  const shown = value === undefined ? "" : isPlain ? String(value) : JSON.stringify(value);
  const [text, setText] = useState(shown);
  // What is typed stays as it is typed while it means the same.
  const typed = JSON.stringify(meaningOf(text)) === JSON.stringify(value) ? text : shown;
  function meaningOf(input: string): Json | undefined {
    if (input === "") return undefined;
    if (isNumber) return Number.isNaN(Number(input)) ? input : Number(input);
    return isAny ? read(input) : input;
  }
  const change = (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    setText(event.currentTarget.value);
    onChange(meaningOf(event.currentTarget.value));
  };
  const placeholder = schema.default === undefined ? undefined : String(schema.default);
  return (
    <Labelled field={props}>
      {(ids) =>
        (schema.maxLength ?? 0) > LONG ? (
          <textarea {...ids} rows={4} value={typed} placeholder={placeholder} onChange={change} spellCheck={false} />
        ) : (
          <input
            {...ids}
            // What is no number is the API's to say: a field of numbers would hold it, and hand on nothing.
            inputMode={isNumber ? "decimal" : undefined}
            value={typed}
            placeholder={placeholder}
            onChange={change}
            spellCheck={false}
            autoComplete="off"
          />
        )
      }
    </Labelled>
  );
}

/** What a text means that may be of any type. */
function read(input: string): Json {
  try {
    return JSON.parse(input) as Json; // what JSON.parse makes
  } catch {
    return input;
  }
}

function Choice(props: FieldProps) {
  const { schema, value, isRequired, onChange } = props;
  const choices = choicesOf(schema) ?? [];
  return (
    <Labelled field={props}>
      {(ids) => (
        <select
          {...ids}
          value={value === undefined ? "" : String(value)}
          onChange={(event) => onChange(choices.find((choice) => String(choice) === event.currentTarget.value))}
        >
          {!(isRequired && value !== undefined) && (
            <option value="">{schema.default === undefined ? "" : `${schema.default} (default)`}</option>
          )}
          {choices.map((choice) => (
            <option key={choice} value={String(choice)}>
              {choice}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function Tick(props: FieldProps) {
  const { schema, value, onChange } = props;
  return (
    <Labelled field={props}>
      {({ required: _, ...ids }) => (
        <input
          {...ids}
          type="checkbox"
          checked={value === undefined ? schema.default === true : value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )}
    </Labelled>
  );
}

/** A list of plain values, one a line. */
function Lines(props: FieldProps) {
  const { schema, value, onChange } = props;
  const items = Array.isArray(value) ? value.map(String) : [];
  const [text, setText] = useState(items.join("\n"));
  const hasNumbers = [schema.items, ...(schema.items?.anyOf ?? [])].some((item) => item?.type === "integer");
  const read = (lines: string): Json[] =>
    lines.split("\n").flatMap((line): Json[] => {
      const plain = line.trim();
      if (plain === "") return [];
      return [hasNumbers && /^\d+$/.test(plain) ? Number(plain) : plain];
    });
  const shown = JSON.stringify(read(text).map(String)) === JSON.stringify(items) ? text : items.join("\n");
  const placeholder = Array.isArray(schema.default) && schema.default.length > 0 ? schema.default.join("\n") : undefined;
  // An error of one item is told at the list.
  const error = [...props.errors].find(([path]) => path.startsWith(`${props.path}.`));
  const errors = error === undefined ? props.errors : new Map([...props.errors, [props.path, error[1]] as const]);
  return (
    <Labelled field={{ ...props, errors }}>
      {({ required: _, ...ids }) => (
        <>
          <textarea
            {...ids}
            rows={Math.min(6, Math.max(2, shown.split("\n").length))}
            value={shown}
            placeholder={placeholder}
            spellCheck={false}
            onChange={(event) => {
              setText(event.currentTarget.value);
              const found = read(event.currentTarget.value);
              onChange(found.length === 0 ? undefined : found);
            }}
          />
          <span className="help">one a line</span>
        </>
      )}
    </Labelled>
  );
}

/** Rows as the API takes them. A name that is there twice, or not at all, goes as it is: the API says that it is wrong. */
function pairsOf(rows: readonly { readonly name: string; readonly text: string }[]): JsonObject | undefined {
  const pairs: Record<string, Json> = {};
  for (const { name, text } of rows) {
    let key = name.trim();
    if (key === "" && text === "") continue;
    while (key in pairs) key += " ";
    pairs[key] = text;
  }
  return Object.keys(pairs).length === 0 ? undefined : pairs;
}

/** Names with texts, such as headers. */
function Pairs({ name, schema, path, value, errors, onChange }: FieldProps) {
  const [rows, setRows] = useState<readonly { readonly key: number; readonly name: string; readonly text: string }[]>(() =>
    Object.entries(isObject(value) ? value : {}).map(([entry, text], key) => ({ key, name: entry, text: String(text) })),
  );
  const change = (next: typeof rows) => {
    setRows(next);
    onChange(pairsOf(next));
  };
  const set = (key: number, part: Partial<(typeof rows)[number]>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const own = [...errors].filter(([field]) => field === path || field.startsWith(`${path}.`));
  const help = useId();
  const isWrong = ({ name: entry }: (typeof rows)[number]) => own.some(([field]) => field === path || field === `${path}.${entry.trim()}`);
  const wrong = (row: (typeof rows)[number]) => (isWrong(row) ? { "aria-invalid": true, "aria-describedby": help } : {});
  return (
    <fieldset className="field">
      <legend>{labelOf(name)}</legend>
      {rows.map((row) => (
        <div key={row.key} className="pair">
          <input
            aria-label={`${labelOf(name)}: name`}
            {...wrong(row)}
            value={row.name}
            onChange={(event) => set(row.key, { name: event.currentTarget.value })}
          />
          <input
            aria-label={`${labelOf(name)}: value of ${row.name}`}
            {...wrong(row)}
            value={row.text}
            onChange={(event) => set(row.key, { text: event.currentTarget.value })}
          />
          <button type="button" onClick={() => change(rows.filter(({ key }) => key !== row.key))}>
            Remove <span className="unseen">{row.name}</span>
          </button>
        </div>
      ))}
      <button type="button" onClick={() => setRows([...rows, { key: (rows.at(-1)?.key ?? -1) + 1, name: "", text: "" }])}>
        Add {labelOf(name).toLowerCase()}
      </button>
      <p className="help" id={help}>
        {own.map(([field, message]) => (
          <b key={field} className="bad">
            {message}{" "}
          </b>
        ))}
        {schema.description}
      </p>
    </fieldset>
  );
}

/** An object with fields of its own, there or not. */
function Inner({ name, schema, path, value, isRequired, errors, onChange }: FieldProps) {
  const { box, goesOnAt } = useFocusAfter();
  if (!isObject(value)) {
    return (
      <div className="field" ref={box}>
        <button
          type="button"
          onClick={() => {
            onChange({});
            goesOnAt("input, select, textarea");
          }}
        >
          Add {labelOf(name)}
        </button>
        <p className="help">
          {errors.get(path) !== undefined && <b className="bad">{errors.get(path)} </b>}
          {schema.description}
        </p>
      </div>
    );
  }
  return (
    <fieldset className="field inner" ref={box}>
      <legend>{labelOf(name)}</legend>
      <Fields schema={schema} path={path} value={value} errors={errors} onChange={onChange} />
      {!isRequired && (
        <button
          type="button"
          onClick={() => {
            onChange(undefined);
            goesOnAt("button");
          }}
        >
          Remove {labelOf(name)}
        </button>
      )}
    </fieldset>
  );
}

/** Where whoever works by keyboard goes on when a part of a form has come or gone: in the box, at the last that a selector finds. */
function useFocusAfter() {
  const node = useRef<HTMLElement>(null);
  const box = (found: HTMLElement | null) => {
    if (found !== null) node.current = found;
  };
  const goesOnAt = (selector: string, isLast = false) =>
    // Once it is drawn.
    setTimeout(() => {
      const found = node.current?.querySelectorAll<HTMLElement>(selector) ?? [];
      found[isLast ? found.length - 1 : 0]?.focus();
    });
  return { box, goesOnAt };
}

/** A list of objects of one kind, such as steps of an escalation. */
function Objects({ name, schema, path, value, errors, onChange }: FieldProps) {
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  const label = labelOf(name).toLowerCase();
  const one = label.endsWith("s") ? label.slice(0, -1) : `${label} step`;
  const set = (next: JsonObject[]) => onChange(next.length === 0 ? undefined : next);
  const { box, goesOnAt } = useFocusAfter();
  return (
    <fieldset className="field" ref={box}>
      <legend>{labelOf(name)}</legend>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place, as in the API's errors.
        <fieldset key={index} className="inner">
          <legend>{`${one} ${index + 1}`}</legend>
          <Fields
            schema={schema.items ?? {}}
            path={`${path}.${index}`}
            value={item}
            errors={errors}
            onChange={(changed) => set(items.with(index, changed))}
          />
          <div className="actions">
            {index > 0 && (
              <button type="button" onClick={() => set(movedUp(items, index))}>
                Move {`${one} ${index + 1}`} up
              </button>
            )}
            <button
              type="button"
              onClick={() => {
                set(items.filter((_, at) => at !== index));
                goesOnAt(":scope > button");
              }}
            >
              Remove {`${one} ${index + 1}`}
            </button>
          </div>
        </fieldset>
      ))}
      <button
        type="button"
        onClick={() => {
          set([...items, {}]);
          goesOnAt(`:scope > fieldset:nth-of-type(${items.length + 1}) :is(input, select, textarea)`);
        }}
      >
        Add {one}
      </button>
      <p className="help">
        {errors.get(path) !== undefined && <b className="bad">{errors.get(path)} </b>}
        {schema.description}
      </p>
    </fieldset>
  );
}

/** A list with one item before the one that it stood behind. */
function movedUp<Item>(items: readonly Item[], index: number): Item[] {
  const [before, moved] = items.slice(index - 1, index + 1);
  return before === undefined || moved === undefined ? [...items] : items.toSpliced(index - 1, 2, moved, before);
}

/** A list of objects of several kinds, such as assertions. */
function Variants({ name, schema, path, value, errors, onChange }: FieldProps) {
  const variants = variantsOf(schema.items ?? {}, "kind");
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  const one = labelOf(name).replace(/s$/, "").toLowerCase();
  const set = (next: JsonObject[]) => onChange(next.length === 0 ? undefined : next);
  const { box, goesOnAt } = useFocusAfter();
  return (
    <fieldset className="field" ref={box}>
      <legend>{labelOf(name)}</legend>
      {items.map((item, index) => {
        const kind = String(item["kind"]);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an assertion is its place, as in the API's errors.
          <fieldset key={`${index} ${kind}`} className="inner">
            <legend>{`${one} ${index + 1}`}</legend>
            <div className="bar">
              <label>
                Kind{" "}
                <select value={kind} onChange={(event) => set(items.with(index, { kind: event.currentTarget.value }))}>
                  {[...variants.keys()].map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              </label>
              <button
                type="button"
                onClick={() => {
                  set(items.filter((_, at) => at !== index));
                  goesOnAt(":scope > button");
                }}
              >
                Remove
              </button>
            </div>
            <Fields
              schema={variants.get(kind) ?? {}}
              path={`${path}.${index}`}
              value={item}
              errors={errors}
              onChange={(changed) => set(items.with(index, { kind, ...changed }))}
            />
          </fieldset>
        );
      })}
      <button
        type="button"
        onClick={() => {
          set([...items, { kind: [...variants.keys()][0] ?? "" }]);
          goesOnAt(`:scope > fieldset:nth-of-type(${items.length + 1}) select`);
        }}
      >
        Add {one}
      </button>
      {errors.get(path) !== undefined && <p className="help bad">{errors.get(path)}</p>}
    </fieldset>
  );
}

/** The fields of an object. */
export function Fields({
  schema,
  path,
  value,
  errors,
  only,
  onChange,
}: {
  schema: Schema;
  path: string;
  value: JsonObject;
  errors: ReadonlyMap<string, string>;
  only?: (name: string) => boolean;
  onChange: (value: JsonObject) => void;
}) {
  return (
    <>
      {Object.entries(schema.properties ?? {})
        // Whose it is, files say.
        .filter(([name]) => name !== "managed" && (only?.(name) ?? true))
        .map(([name, field]) => (
          <SchemaField
            key={name}
            name={name}
            schema={field}
            path={path === "" ? name : `${path}.${name}`}
            value={value[name]}
            isRequired={schema.required?.includes(name) === true && field.default === undefined}
            errors={errors}
            onChange={(changed) => {
              const { [name]: _, ...rest } = value;
              onChange(changed === undefined ? rest : { ...rest, [name]: changed });
            }}
          />
        ))}
    </>
  );
}
