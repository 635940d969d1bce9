// trainyard: train, evaluate and use neural networks from the command line.
#include "native/cli/command_line.h"

int main(int count, char** arguments) { return trainyard::cli::run_command_line(count, arguments); }
