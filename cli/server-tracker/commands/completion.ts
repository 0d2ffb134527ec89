import type { Command } from "commander";
import { CommandError, EXIT } from "../exit-codes.ts";

/** A script that completes names of commands and flags, whatever flags stand before them. */
export function completion(program: Command, shell: string): number {
  const words = (command: Command): string[] => [
    ...command.commands.map((inner) => inner.name()),
    ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ...command.options.flatMap(({ long }) => long ?? []),
  ];
  const inner = program.commands.map((command) => `    ${command.name()}) words="${words(command).join(" ")}";;`).join("\n");
  const withValue = program.options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long].filter(Boolean));
  const bash = `_server_tracker() {
  local words="${words(program).join(" ")}" command="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${withValue.join("|")}) i=$((i + 1));;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break;;
    esac
  done
  case "$command" in
${inner}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _server_tracker server-tracker
`;
  if (shell === "bash") process.stdout.write(bash);
  else if (shell === "zsh") process.stdout.write(`autoload -U +X bashcompinit && bashcompinit\n${bash}`);
  else if (shell === "fish") {
    const plain = (text: string) => text.replaceAll("'", "");
    const lines = program.commands.flatMap((command) => {
      const inside = `-n '__fish_seen_subcommand_from ${command.name()}'`;
      return [
        `complete -c server-tracker -n __fish_use_subcommand -a ${command.name()} -d '${plain(command.description())}'`,
        ...words(command).map((word) =>
          word.startsWith("--")
            ? `complete -c server-tracker ${inside} -l ${word.slice(2)}`
            : `complete -c server-tracker ${inside} -a ${word}`,
        ),
      ];
    });
    const flags = program.options.flatMap(({ long, required, description }) =>
      long ? [`complete -c server-tracker -l ${long.slice(2)}${required ? " -x" : ""} -d '${plain(description)}'`] : [],
    );
    process.stdout.write(`${[...flags, ...lines].join("\n")}\n`);
  } else throw new CommandError("completion is there for bash, zsh and fish");
  return EXIT.fine;
}
