-- The log of functions in an emulator, apart from that of the container `server-tracker`.
create database emulator;
